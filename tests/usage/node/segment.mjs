// Sends what the test expects with Segment's own SDK: `node segment.mjs HOST KEY`.
import { Analytics } from "@segment/analytics-node"

const [host, writeKey] = process.argv.slice(2)
const analytics = new Analytics({ host, writeKey, flushInterval: 200 })
analytics.on("error", (error) => { console.error(error); process.exitCode = 1 })
const context = { groupId: "nw-7" }
analytics.track({ userId: "u-1", event: "Report Exported", properties: { rows: 1 } })
analytics.identify({ userId: "u-1", traits: { email: "ana@northwind.example", name: "Ana" } })
analytics.group({ userId: "u-1", groupId: "nw-7", traits: { name: "Northwind" } })
analytics.track({ userId: "u-2", event: "Report Exported", context })
analytics.track({ userId: "u-2", event: "Order Completed", properties: { revenue: 12.5 }, context })
analytics.page({ userId: "u-1", name: "Reports" })
analytics.screen({ userId: "u-1", name: "Reports" })
analytics.alias({ userId: "u-1", previousId: "u-0" })
await analytics.closeAndFlush({ timeout: 30_000 })
