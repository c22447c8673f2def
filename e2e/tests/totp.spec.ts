// The tests' own authenticator against the published values, so that a failed sign-in is never its fault.
import { expect, test } from "@playwright/test"

import { code, step } from "../fixtures/totp.ts"

test("the authenticator's codes are those of RFC 6238, appendix B", () => {
  const secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
  const published: [number, string][] = [
    [59, "287082"],
    [1111111109, "081804"],
    [1234567890, "005924"],
    [20000000000, "353130"],
  ]
  for (const [seconds, expected] of published) {
    expect(code(secret, step(new Date(seconds * 1000)))).toBe(expected)
  }
})
