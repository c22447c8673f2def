// Signing in: the two pages, their refusals, and what a signed-in person sees first.
import { signIn } from "../fixtures/sign-in.ts"
import { expect, test } from "../fixtures/test.ts"

const EVERYWHERE = { tag: ["@phone", "@dark", "@no-script"] }

test("IAM a stranger is led to the sign-in page", EVERYWHERE, async ({ visitor, expectAccessible }) => {
  const page = await visitor()
  await page.goto("/")
  await expect(page).toHaveURL(/\/sign-in/)
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible()
  await expectAccessible(page)
})

test("IAM a wrong password is refused without saying which half was wrong", EVERYWHERE, async ({ visitor, server, expectAccessible }) => {
  const page = await visitor()
  const [known] = server.signIns()
  await page.goto("/sign-in")
  const refusals: string[] = []
  for (const email of [known?.email ?? "", "nobody@example.org"]) {
    await page.getByLabel("Email").fill(email)
    await page.getByLabel("Password", { exact: true }).fill("not the password")
    await page.getByRole("button", { name: "Sign in" }).click()
    const alert = page.getByRole("alert")
    await expect(alert).toBeVisible()
    refusals.push(await alert.innerText())
    await expect(page.getByLabel("Email"), "what was typed stays").toHaveValue(email)
    await expect(page.getByLabel("Password", { exact: true }), "but not the password").toHaveValue("")
  }
  expect(refusals[0]).toBe(refusals[1])
  await expectAccessible(page)
})

test("IAM password and authenticator code lead to the dashboard", EVERYWHERE, async ({ visitor, server, expectAccessible }) => {
  const page = await visitor()
  const [person] = server.signIns()
  if (person === undefined) throw new Error("the demonstration practice has no sign-ins")
  await signIn(page, server, person)
  await expect(page.getByRole("navigation").first()).toBeVisible()
  await expectAccessible(page)
})

test("IAM every role of the demonstration practice can sign in", async ({ server, as }) => {
  for (const { role } of server.signIns()) {
    const page = await as(role)
    await expect(page.getByRole("main"), role).toBeVisible()
  }
})
