// Every page of every role opens without a fault, without a complaint of the browser, and axe finds nothing on it.
import { expect, test } from "../fixtures/test.ts"

const EVERYWHERE = { tag: ["@phone", "@dark", "@no-script"] }

const PAGES: Record<string, string[]> = {
  owner: ["/", "/practice", "/practice/users", "/practice/users/new", "/practice/locations", "/practice/audit", "/practice/import", "/practice/outbox", "/practice/jobs", "/clients", "/calendar", "/account"],
  clinician: ["/", "/calendar", "/calendar?view=week", "/clients", "/clients/new", "/notes", "/appointments/new", "/search?q=amelja", "/account"],
  "front-desk": ["/", "/calendar", "/clients"],
}

for (const [role, paths] of Object.entries(PAGES)) {
  test(`IAM-22 IAM-78 the pages of ${role} open and are accessible`, EVERYWHERE, async ({ as, expectAccessible }) => {
    test.setTimeout(120_000)
    const page = await as(role)
    for (const path of paths) {
      const answer = await page.goto(path)
      expect(answer?.status(), path).toBe(200)
      await expect(page.getByRole("heading", { level: 1 }), path).toBeVisible()
      await expectAccessible(page)
      const wider = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
      expect(wider, `${path} fits its window`).toBeLessThanOrEqual(0)
    }
  })
}

test("CLI-82 DOC-83 a chart's pages open and are accessible", EVERYWHERE, async ({ as, expectAccessible }) => {
  test.setTimeout(120_000)
  const page = await as("clinician")
  await page.goto("/clients")
  await page.getByRole("main").getByRole("link", { name: /Hartwell/ }).first().click()
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Hartwell")
  const chart = new URL(page.url()).pathname
  for (const view of ["", "/timeline", "/notes", "/outside", "/team", "/info"]) {
    const answer = await page.goto(chart + view)
    expect(answer?.status(), view).toBe(200)
    await expectAccessible(page)
  }
})

test("IAM-56 the sign-in page and the API's description are accessible", EVERYWHERE, async ({ visitor, expectAccessible }) => {
  const page = await visitor()
  for (const path of ["/api/docs", "/sign-in"]) {
    const answer = await page.goto(path)
    expect(answer?.status(), path).toBe(200)
    await expectAccessible(page)
  }
})
