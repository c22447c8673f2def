// How the browser is started and which variants of a test there are. A test runs on the desktop; its tags add variants:
// @phone (narrow, touch), @dark (dark colours, less motion), @no-script (JavaScript switched off).
import { defineConfig, devices } from "@playwright/test"

import { browserFlags, chromium } from "./fixtures/browser.ts"

const desktop = { viewport: { width: 1280, height: 800 } }

export default defineConfig({
  testDir: "tests",
  outputDir: "test-results",
  fullyParallel: true,
  forbidOnly: Boolean(process.env["CI"]),
  // A test that passes at the second try hides a fault: there is no second try.
  retries: 0,
  workers: 2,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: process.env["CI"] ? [["line"]] : [["list"]],
  use: {
    browserName: "chromium",
    actionTimeout: 10_000,
    locale: "en-US",
    timezoneId: "America/New_York",
    screenshot: "only-on-failure",
    trace: "retain-on-failure",
    launchOptions: { executablePath: chromium(), args: browserFlags, chromiumSandbox: false },
  },
  projects: [
    { name: "desktop", use: desktop },
    {
      name: "phone",
      grep: /@phone/,
      use: { ...devices["Pixel 7"], viewport: { width: 360, height: 780 } },
    },
    {
      name: "dark",
      grep: /@dark/,
      use: { ...desktop, colorScheme: "dark", contextOptions: { reducedMotion: "reduce" } },
    },
    { name: "no-script", grep: /@no-script/, use: { ...desktop, javaScriptEnabled: false } },
  ],
})
