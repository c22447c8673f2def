// A practice's first working day: find a client by a misspelt name, book her, be refused a taken hour, check in,
// write a note through a killed server, sign it, print it, and prove the record.

import type { Page } from "@playwright/test"

import { expect, test } from "../fixtures/test.ts"


/** Tomorrow in the practice, or the Monday after a weekend: the day that a receptionist means. */
function nextWorkingDay(now: Date): string {
  for (let days = 1; ; days += 1) {
    const at = new Date(now.getTime() + days * 86_400_000)
    const zone = { timeZone: "America/New_York" }
    const weekday = new Intl.DateTimeFormat("en-US", { ...zone, weekday: "short" }).format(at)
    if (!weekday.startsWith("S")) return new Intl.DateTimeFormat("en-CA", zone).format(at)
  }
}

async function chooseType(page: Page): Promise<void> {
  const type = page.getByLabel("Type")
  await type.selectOption(await type.locator("option", { hasText: "Individual" }).first().getAttribute("value"))
}

test("IAM-63 CLI-80 SCH-11 DOC-5 DOC-59 a first working day", async ({ as, server, complaints, expectAccessible }) => {
  test.setTimeout(180_000)
  const page = await as("clinician")
  await expectAccessible(page)
  const tomorrow = nextWorkingDay(server.now())

  await test.step("a misspelt name finds her", async () => {
    await page.goto("/search?q=Amelja+Hartwel")
    await page.getByRole("main").getByRole("link", { name: /Hartwell/ }).first().click()
    await expect(page.getByRole("heading", { level: 1 })).toContainText("Hartwell")
    await expectAccessible(page)
  })
  const chart = new URL(page.url()).pathname
  const client = chart.split("/")[2] ?? ""

  let visit = ""
  await test.step("she is booked for tomorrow 10:00", async () => {
    await page.goto(`/appointments/new?client=${client}&date=${tomorrow}`)
    await expectAccessible(page)
    await chooseType(page)
    await page.getByLabel("Starts at").fill("10:00")
    await page.getByRole("button", { name: "Book", exact: true }).click()
    await expect(page).toHaveURL(/\/appointments\/[0-9a-f-]{36}$/)
    visit = new URL(page.url()).pathname
    await expectAccessible(page)
  })

  await test.step("SCH-11 the same hour is refused to another, with the next free times, and nothing typed is lost", async () => {
    await page.goto(`/appointments/new?date=${tomorrow}`)
    await page.getByLabel("Client", { exact: true }).fill("Marroquin")
    await page.getByRole("button", { name: "Find" }).click()
    await page.getByRole("main").getByRole("link", { name: /Marroquín/ }).first().click()
    await chooseType(page)
    await page.getByLabel("Starts at").fill("10:00")
    await page.getByRole("button", { name: "Book", exact: true }).click()
    await expect(page.getByRole("alert").first()).toContainText(/already booked/i)
    await expect(page.getByLabel("Starts at")).toHaveValue(/10:00/)
    await expect(page.getByRole("button", { name: /\d\d:\d\d/ }).first()).toBeVisible()
    await expectAccessible(page)
  })

  await test.step("she is checked in", async () => {
    await page.goto(visit)
    await page.getByRole("button", { name: "Check in" }).click()
    await expect(page.getByRole("main")).toContainText(/checked in/i)
  })

  await test.step("DOC-5 the server is killed mid-sentence and the text is there", async () => {
    await page.goto(visit)
    await page.getByRole("button", { name: "Write note" }).click()
    await expect(page).toHaveURL(/\/notes\/[0-9a-f-]{36}\/edit$/)
    await expectAccessible(page)
    await page.getByLabel("Subjective").pressSequentially("Slept six hours on five nights. ")
    await expect(page.getByText(/^Saved/)).toBeVisible()
    await server.kill()
    await page.getByLabel("Subjective").pressSequentially("Worry rose on Sunday evening.")
    await expect(page.getByText(/Not saved/)).toBeVisible()
    complaints.length = 0
    await server.start()
    await expect(page.getByText(/^Saved/)).toBeVisible({ timeout: 45_000 })
    complaints.length = 0
    await page.reload()
    await expect(page.getByLabel("Subjective")).toHaveValue("Slept six hours on five nights. Worry rose on Sunday evening.")
  })

  await test.step("DOC-17 DOC-58 what is missing is named; then it is signed", async () => {
    await page.getByRole("button", { name: "Review and sign" }).click()
    await expect(page.getByRole("link", { name: /Plan is empty/ })).toBeVisible()
    await page.getByRole("link", { name: /Plan is empty/ }).click()
    await page.getByLabel("Objective").fill("On time. Mood okay, affect full range. No suicidal ideation.")
    await page.getByLabel("Assessment").fill("Generalised worry, improving.")
    await page.getByLabel("Plan").fill("Weekly sessions; sleep log.")
    await page.getByRole("button", { name: "Review and sign" }).click()
    await expectAccessible(page)
    await page.getByLabel("Your password").fill("wrong password, certainly")
    await page.getByRole("button", { name: "Sign note" }).click()
    await expect(page.getByRole("alert")).toBeVisible()
    await page.getByLabel("Your password").fill(server.signIn("clinician").password)
    await page.getByRole("button", { name: "Sign note" }).click()
    await expect(page).toHaveURL(/\/notes\/[0-9a-f-]{36}$/)
    await expect(page.getByRole("main")).toContainText("SHA-256")
    await expectAccessible(page)
  })
  const note = new URL(page.url()).pathname.split("/")[2] ?? ""

  await test.step("DOC-59 the application's role can't change it", async () => {
    const refused = await server.command("psql", "-c", `set role mentalspace_app; update clinical_note set content = '{}' where id = '${note}'`)
    const sql = `begin; select set_config('app.practice_id', practice_id::text, true) from clinical_note where id = '${note}'; set local role mentalspace_app; update clinical_note set updated_at = now() where id = '${note}'; commit`
    const within = await server.command("psql", "-c", sql)
    expect(within.code, "psql fails").not.toBe(0)
    expect(refused.said + within.said).toContain("signed_note_immutable")
  })

  await test.step("DOC-88 the PDF opens", async () => {
    const pdf = await page.request.get(`/notes/${note}/pdf`)
    expect(pdf.headers()["content-type"]).toBe("application/pdf")
    expect((await pdf.body()).subarray(0, 5).toString()).toBe("%PDF-")
  })

  await test.step("IAM-64 the audit log is intact, lists each step, and names an altered row", async () => {
    const intact = await server.command("audit", "verify", "--practice", "demo")
    expect(intact.code, intact.said).toBe(0)
    const last = Number(intact.out.trim())
    expect(last).toBeGreaterThan(20)
    const steps = await server.command("psql", "-c", `select distinct action || ' ' || resource_type from audit_event where client_id = '${client}'`)
    for (const step of ["read client", "create appointment", "create clinical_note", "update clinical_note", "sign clinical_note", "print clinical_note"]) {
      expect(steps.out, "the log lists each step").toContain(step)
    }
    const victim = await server.command("psql", "-c", `update audit_event e set address = '203.0.113.9' from audit_link l where l.event_id = e.id and l.sequence = ${last - 5} and l.practice_id = (select practice_id from practice where slug = 'demo') returning e.address`)
    expect(victim.code, victim.said).toBe(0)
    const broken = await server.command("audit", "verify", "--practice", "demo")
    expect(broken.code).toBe(1)
    expect(broken.out + broken.said).toContain(String(last - 5))
  })
})
