// The same with RudderStack's own SDK: `node rudder.mjs HOST KEY`.
import RudderAnalytics from "@rudderstack/rudder-sdk-node"

const [dataPlaneUrl, writeKey] = process.argv.slice(2)
const analytics = new RudderAnalytics(writeKey, { dataPlaneUrl, flushInterval: 200 })
const context = { groupId: "nw-7" }
analytics.track({ userId: "u-1", event: "Report Exported", properties: { rows: 1 } })
analytics.identify({ userId: "u-1", traits: { email: "ana@northwind.example", name: "Ana" } })
analytics.group({ userId: "u-1", groupId: "nw-7", traits: { name: "Northwind" } })
analytics.track({ userId: "u-2", event: "Report Exported", context })
analytics.track({ userId: "u-2", event: "Order Completed", properties: { revenue: 12.5 }, context })
analytics.page({ userId: "u-1", name: "Reports" })
analytics.screen({ userId: "u-1", name: "Reports" })
analytics.alias({ userId: "u-1", previousId: "u-0" })
await analytics.flush()
