"""One web server of the benchmarks: `python -m tests.bench.site PORT`, the portal with two plain routes beside it.

`/floor` is a page of as many bytes as the query says, made by Jinja from three indexed queries; `/bare` changes
one row, to another value each time, since SQLite writes nothing for a row that stays as it was. Both pass the same
server, session and commit as the portal's pages.
"""

import sys
from typing import Any

from flask import render_template_string, request
from sqlalchemy import func, select, update

from portal import db, serving
from portal.access import public
from portal.accounts.models import Account, User
from portal.app import create_app
from portal.onboardings.models import Onboarding
from portal.web import csrf

FILLER = "{{ account.name }} {{ provider.name }} {% for row in rows %}{{ row }} {% endfor %}{{ filler }}"


def main() -> None:
    app = create_app()

    @app.get("/floor")
    @public
    def floor() -> Any:
        account = db.session.scalar(select(Account).where(Account.slug == "customer-0"))
        db.session.scalar(select(User).where(User.email == "ana@customer-0.example"))
        road = select(Onboarding.percent, Onboarding.items_done).where(
            Onboarding.account_id == (account and account.id)
        )
        rows = [tuple(row) for row in db.session.execute(road)]
        size = int(request.args["bytes"])
        page = render_template_string(FILLER, account=account, rows=rows, filler="")
        return page + "x" * max(0, size - len(page))

    @app.post("/bare/<int:account>")
    @public
    @csrf.exempt
    def bare(account: int) -> Any:
        seats = func.coalesce(Account.licensed_seats, 0) + 1
        db.session.execute(update(Account).where(Account.id == account).values(licensed_seats=seats))
        return "", 303, {"Location": "/"}

    serving.serve(app, "127.0.0.1", int(sys.argv[1]))


if __name__ == "__main__":
    main()
