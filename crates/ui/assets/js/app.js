// Starts Turbo and Stimulus. The pages work without any of this; it makes them quicker and keeps what is typed.
import { config } from "@hotwired/turbo"
import { Application } from "@hotwired/stimulus"
import "morph-guard"

import Autosave from "controllers/autosave"
import Combobox from "controllers/combobox"
import Dialog from "controllers/dialog"
import FileDrop from "controllers/file-drop"
import FocusError from "controllers/focus-error"
import Live from "controllers/live"
import Lock from "controllers/lock"
import Menu from "controllers/menu"
import NavList from "controllers/nav-list"
import Privacy from "controllers/privacy"
import RelativeTime from "controllers/relative-time"
import SearchBox from "controllers/search-box"
import Shortcuts from "controllers/shortcuts"
import Signature from "controllers/signature"
import SubmitOnce from "controllers/submit-once"
import Theme from "controllers/theme"
import Toast from "controllers/toast"

// Turbo's own bar brings a style element, which the policy forbids; `progress-bar.css` draws ours. The longest wait a timer has.
config.drive.progressBarDelay = 2 ** 31 - 1

const controllers = {
  "autosave": Autosave, "combobox": Combobox, "dialog": Dialog, "file-drop": FileDrop, "focus-error": FocusError, "live": Live,
  "lock": Lock, "menu": Menu, "nav-list": NavList, "privacy": Privacy, "relative-time": RelativeTime, "search-box": SearchBox,
  "shortcuts": Shortcuts, "signature": Signature, "submit-once": SubmitOnce, "theme": Theme, "toast": Toast,
}
const application = Application.start()
for (const [name, controller] of Object.entries(controllers)) application.register(name, controller)
