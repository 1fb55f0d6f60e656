"""The same with RudderStack's own SDK: `python rudder_sdk.py HOST KEY`."""

import sys

from rudderstack import analytics

analytics.dataPlaneUrl, analytics.write_key = sys.argv[1:]
analytics.on_error = lambda error, _batch: sys.exit(f"lost: {error}")
where = {"groupId": "nw-7"}
analytics.track("u-1", "Report Exported", {"rows": 1})
analytics.identify("u-1", {"email": "ana@northwind.example", "name": "Ana"})
analytics.group("u-1", "nw-7", {"name": "Northwind"})
analytics.track("u-2", "Report Exported", context=where)
analytics.track("u-2", "Order Completed", {"revenue": 12.5}, context=where)
analytics.page("u-1", name="Reports")
analytics.screen("u-1", name="Reports")
analytics.alias("u-0", "u-1")
analytics.shutdown()
