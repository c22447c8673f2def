// Killing the server and its database in the middle of a thousand bookings loses nothing that was acknowledged.
import { readdirSync, readFileSync } from "node:fs"
import { randomUUID } from "node:crypto"
import { join } from "node:path"

import { Server } from "../fixtures/server.ts"
import { expect, test } from "../fixtures/test.ts"

const BOOKINGS = 1000
const DAY = 86_400_000

/** The database's process, from the file that PostgreSQL keeps in its cluster. */
function postmaster(folder: string): number {
  const found = readdirSync(folder, { recursive: true, encoding: "utf8" }).find(path => path.endsWith("postmaster.pid"))
  if (found === undefined) throw new Error(`no postmaster.pid under ${folder}`)
  return Number(readFileSync(join(folder, found), "utf8").split("\n")[0])
}

test("SCH-11 IAM-64 a thousand bookings survive kill -9 of server and database", async ({}) => {
  test.setTimeout(240_000)
  const server = new Server()
  await server.start()
  try {
    const key = (await server.command("api-key", "create", "--practice", "demo", "--user", "administrator@example.test", "--scopes", "*")).out.trim()
    const ask = (path: string, init: RequestInit = {}) =>
      fetch(server.url + path, { ...init, headers: { "authorization": `Bearer ${key}`, "content-type": "application/json", ...init.headers } })
    const list = async (path: string) => ((await (await ask(path)).json()) as { items: { id: string; name: string; roles: string[] }[] }).items
    const clients = await list("/api/v1/clients?limit=30")
    const clinicians = (await list("/api/v1/users?limit=50")).filter(one => one.roles.includes("clinician"))
    const kind = (await list("/api/v1/appointment-types"))[0]
    expect(clients.length * clinicians.length).toBeGreaterThan(0)

    const booked: string[] = []
    const book = async (n: number) => {
      // Weekdays at 10:00 UTC plus some hours, weeks ahead; many of them meant to collide.
      const start = new Date(Math.ceil(Date.now() / DAY) * DAY + (30 + 7 * (n % 20)) * DAY + (14 + (n % 7)) * 3_600_000)
      const body = {
        client_id: clients[n % clients.length]?.id,
        clinician_id: clinicians[n % clinicians.length]?.id,
        type_id: kind?.id,
        starts_at: start.toISOString(),
        override_reason: "fault test",
      }
      try {
        const answer = await ask("/api/v1/appointments", { method: "POST", body: JSON.stringify(body), headers: { "idempotency-key": randomUUID() } })
        if (answer.status === 201) booked.push(((await answer.json()) as { id: string }).id)
        return answer.status
      } catch {
        return 0
      }
    }
    const storm = async (from: number, kill: () => void | Promise<void>) => {
      const before = booked.length
      const half = Promise.all(Array.from({ length: BOOKINGS / 2 }, (_, n) => book(from + n)))
      // Not before some were acknowledged: those are what must survive.
      await Promise.race([half, expect.poll(() => booked.length - before, { timeout: 60_000 }).toBeGreaterThan(20)])
      await kill()
      return half
    }
    const first = await storm(0, () => {
      process.kill(postmaster(server.data), "SIGKILL")
    })
    await expect.poll(async () => (await ask("/api/v1/appointment-types").catch(() => undefined))?.status, { timeout: 60_000 }).toBe(200)
    const second = await storm(BOOKINGS / 2, () => server.kill())
    await server.start()
    expect(booked.length, `answers: ${[...new Set([...first, ...second])].join(" ")}`).toBeGreaterThan(0)

    const sql = async (text: string) => (await server.command("psql", "-c", text)).out.trim()
    const ids = booked.map(id => `'${id}'`).join(",")
    expect(await sql(`select count(*) from appointment where id in (${ids})`), "every acknowledged booking is there once").toBe(String(booked.length))
    const overlaps = `select count(*) from appointment a join appointment b on a.practice_id = b.practice_id and a.id < b.id
      and (a.clinician_id = b.clinician_id or a.client_id = b.client_id) and a.starts_at < b.ends_at and b.starts_at < a.ends_at
      where a.status in ('scheduled','confirmed','checked_in','in_session','completed') and b.status in ('scheduled','confirmed','checked_in','in_session','completed')`
    expect(await sql(overlaps), "nobody is booked twice").toBe("0")
    expect((await server.command("audit", "verify", "--practice", "demo")).code, "the audit chain holds").toBe(0)
  } finally {
    await server.end()
  }
})
