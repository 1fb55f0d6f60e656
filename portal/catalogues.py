"""The reader's catalogue of sentences, found once per request instead of once per sentence."""

from typing import Any

from flask import Flask, g
from flask_babel import Babel, Domain


class Kept(Domain):
    """A domain that stays with the catalogue it found for as long as the language is the same.

    Flask-Babel asks for context, domain and language again with every sentence, and a page has a hundred of
    them. `force_locale` puts another language in the same place, so that is what is compared.
    """

    def get_translations(self) -> Any:
        """The catalogue of the language that holds now."""
        try:
            context = g._flask_babel
            locale, catalogue = context.catalogue
            if locale is context.babel_locale:
                return catalogue
        except (AttributeError, RuntimeError):  # The first sentence of a request, or none is answered now.
            pass
        catalogue = super().get_translations()
        if g and "_flask_babel" in g:
            context = g._flask_babel
            context.catalogue = getattr(context, "babel_locale", None), catalogue
        return catalogue


def install(babel: Babel, app: Flask) -> None:
    """Have `babel`, and the templates of `app`, translate through `Kept`."""
    kept = babel.domain_instance = Kept()
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        gettext=lambda text: kept.get_translations().ugettext(text),
        ngettext=lambda one, many, count: kept.get_translations().ungettext(one, many, count),
        newstyle=True,
    )
    # Jinja's own `_` looks `gettext` up in the template and calls that, for every sentence.
    app.jinja_env.globals["_"] = app.jinja_env.globals["gettext"]
