//! Small parts on the design page: what is pressed, what says a state, what opens.

use super::Entry;
use crate::{
    Banner, Chip, Kind, MenuItem, Tab, Toast, Tone, avatar, badge, banner, button, chips, cluster, confirmation,
    dialog_opener, dot, icon_link, kbd, link_button, link_button_with_icon, menu, post_button, progress, save_state,
    search_box, side_sheet, skeleton, tabs, toast,
};
use maud::{Markup, html};

pub(super) fn entries() -> Vec<Entry> {
    vec![
        Entry::new(
            "Button",
            "One primary per page. A link goes somewhere, a button changes something.",
            buttons,
        ),
        Entry::new(
            "Badge",
            "A state in a word. In columns of states a dot, so that fifty of them stay quiet.",
            badges,
        ),
        Entry::new(
            "Avatar",
            "Initials beside a name; the same name has always the same hue.",
            avatars,
        ),
        Entry::new("Banner", "About the whole page. Danger is announced at once.", banners),
        Entry::new("Chips", "Filters that stand in the address.", chip_row),
        Entry::new("Tabs", "Views of one subject, each with its own address.", tab_row),
        Entry::new(
            "Menu",
            "Things to do that are not the next thing to do. Opens without scripts.",
            menus,
        ),
        Entry::new(
            "Dialog",
            "Only to confirm what can't be undone; it names what will happen.",
            dialogs,
        ),
        Entry::new(
            "Side sheet",
            "One thing of a list or calendar, with the list still in view.",
            sheets,
        ),
        Entry::new("Toast", "What has just been done, and the way back.", toasts),
        Entry::new(
            "Progress",
            "With the time left, and as a bar without end where it isn't known. Skeletons show after 300 ms.",
            progresses,
        ),
        Entry::new(
            "Search box",
            "Clients, pages and actions from anywhere, by / or Ctrl K.",
            search,
        ),
        Entry::new("Save state", "Whether what is on the screen is safe.", save_states),
        Entry::new("Keys", "As they are named in help.", keys),
    ]
}

fn buttons(_: &str) -> Markup {
    html! {
        (cluster(html! {
            (button("Sign note", Kind::Primary)) (button("Save draft", Kind::Secondary)) (button("Cancel", Kind::Quiet)) (button("Delete draft", Kind::Danger))
        }))
        (cluster(html! {
            (link_button_with_icon("#button", "plus", "New client", Kind::Primary)) (link_button("#button", "Open chart", Kind::Secondary))
            (icon_link("#button", "chevron-left", "Previous day")) (icon_link("#button", "chevron-right", "Next day"))
            (post_button("#button", "token", "Check in", Kind::Secondary))
            button.button type="button" disabled { "Not available" }
        }))
    }
}

fn badges(_: &str) -> Markup {
    html! {
        (cluster(html! {
            (badge(Tone::Neutral, "Draft")) (badge(Tone::Success, "Signed")) (badge(Tone::Attention, "Due today")) (badge(Tone::Danger, "Overdue 3 days")) (badge(Tone::Info, "Telehealth"))
        }))
        (cluster(html! {
            (dot(Tone::Neutral, "Scheduled")) (dot(Tone::Success, "Checked in")) (dot(Tone::Attention, "Late")) (dot(Tone::Danger, "No-show")) (dot(Tone::Info, "Waiting"))
        }))
    }
}

fn avatars(_: &str) -> Markup {
    cluster(
        html! { @for name in ["Amara Okafor", "Bo Lindqvist", "李 小龍", "María José Fernández de la Vega", "Zoë"] { (avatar(name)) span { (name) } } },
    )
}

fn banners(_: &str) -> Markup {
    let say = |tone, text: &str, action: Option<(&str, &str)>| {
        banner(&Banner {
            tone,
            text: text.into(),
            action: action.map(|(path, label)| (path.into(), label.into())),
        })
    };
    html! {
        (say(Tone::Info, "This is a demonstration practice. Everyone in it is invented.", Some(("#banner", "What to try"))))
        (say(Tone::Attention, "Two claims were returned by the payer.", Some(("#banner", "See claims"))))
        (say(Tone::Success, "Recovery codes are set up.", None))
        (say(Tone::Neutral, "This note is signed. A correction is added as an addendum.", None))
    }
}

fn chip_row(variant: &str) -> Markup {
    let chip = |label, on, count| Chip {
        label,
        href: "#chips".into(),
        on,
        count,
    };
    chips(
        &format!("Filters, {variant}"),
        &[
            chip("My clients", true, Some(38)),
            chip("Active", true, None),
            chip("Waitlist", false, Some(4)),
            chip("Discharged", false, Some(112)),
        ],
    )
}

fn tab_row(variant: &str) -> Markup {
    let tab = |label, current, count| Tab {
        label,
        href: "#tabs".into(),
        current,
        count,
    };
    tabs(
        &format!("Chart, {variant}"),
        &[
            tab("Overview", true, None),
            tab("Notes", false, Some(2)),
            tab("Plan", false, None),
            tab("Measures", false, None),
            tab("Documents", false, None),
            tab("Billing", false, None),
        ],
    )
}

fn menus(_: &str) -> Markup {
    cluster(menu(
        "More",
        "token",
        &[
            MenuItem::Link("#menu".into(), "printer", "Print"),
            MenuItem::Link("#menu".into(), "download", "Download"),
            MenuItem::Post("#menu".into(), "lock", "Lock chart"),
            MenuItem::Divider,
            MenuItem::Danger("#menu".into(), "trash", "Delete draft"),
        ],
    ))
}

fn dialogs(variant: &str) -> Markup {
    let id = format!("{variant}-dialog");
    html! {
        (cluster(dialog_opener(&id, "Cancel appointment…", Kind::Secondary)))
        (confirmation(&id, "Cancel this appointment?", "Tue 24 Feb 2026, 10:00 with Dr. Okafor becomes free for others. The client gets a message.", "#dialog", "token", "Cancel appointment"))
    }
}

fn sheets(variant: &str) -> Markup {
    let id = format!("{variant}-sheet");
    html! {
        (cluster(dialog_opener(&id, "Open appointment", Kind::Secondary)))
        (side_sheet(&id, "Individual session", crate::description_list(&[("When", html! { "Today 10:00–10:50" }), ("Where", html! { "Room 2" }), ("Status", dot(Tone::Success, "Checked in"))]),
            html! { (button("Start note", Kind::Primary)) }))
    }
}

fn toasts(_: &str) -> Markup {
    html! {
        (toast(&Toast { tone: Tone::Success, ..Toast::undoable("Appointment moved to Tue 24 Feb, 10:00.", "#toast") }, "token"))
        (toast(&Toast { message: "The message could not be sent. It is kept as a draft.".into(), undo: None, tone: Tone::Danger }, "token"))
    }
}

fn progresses(_: &str) -> Markup {
    html! {
        (progress("Importing 30 bundles", Some(62), "about 2 minutes left"))
        (progress("Checking eligibility", None, ""))
        (skeleton(3))
    }
}

fn search(variant: &str) -> Markup {
    search_box(
        &format!("{variant}-search"),
        "/search",
        "/search/suggestions",
        "Search clients and pages",
        "",
    )
}

fn save_states(_: &str) -> Markup {
    cluster(html! {
        (save_state("Saved 10:42"))
        span.save-state data-state="saving" { "Saving…" }
        span.save-state data-state="failed" { "Not saved. Trying again; keep this page open." }
    })
}

fn keys(_: &str) -> Markup {
    cluster(html! { (kbd(&["Ctrl", "K"])) (kbd(&["g", "c"])) (kbd(&["?"])) })
}
