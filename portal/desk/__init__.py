"""Staff pages that show more than one feature. Its views hang on this one blueprint.

A file's name begins with the page it is of: `day` My day, `list` and `bulk` the list of onboardings, `peek` beside it,
`account` and its tabs (`overview`, `stakeholders`, `history`), `step`, `edit`, `date` and `wave` for one road, `team`,
`create`. It ends with what it holds: `_views` routes, `_page` what is shown, `_forms`, `_queries`. What several pages
show alike stands without a page: `lines` (steps), `waits` (what is ours to do), `meetings` (calls), `remarks` (notes).
"""

from flask import Blueprint

bp = Blueprint("desk", __name__)
