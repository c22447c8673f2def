//! Writes the design page and its companions as files that a browser can open without a server, to be looked at.

use std::path::Path;
use ui::{Banner, Chrome, NavItem, Theme, Tone};

/// A person's frame, as the tests need it.
pub fn chrome() -> Chrome {
    let item = |label, path, icon, shortcut, current, count| NavItem {
        label,
        path,
        icon,
        shortcut: Some(shortcut),
        current,
        count,
    };
    Chrome {
        practice: "Larch Lane Practice".into(),
        person: "Amara Okafor".into(),
        role: "Clinician".into(),
        nav: vec![
            item("Today", "/", "home", 't', true, None),
            item("Calendar", "/calendar", "calendar", 'c', false, None),
            item("Clients", "/clients", "users", 'l', false, None),
            item("Notes", "/notes", "notebook-pen", 'n', false, Some(3)),
            item("Messages", "/messages", "message-square", 'm', false, Some(12)),
            item("Tasks", "/tasks", "check-square", 'k', false, None),
            item("Billing", "/billing", "credit-card", 'b', false, None),
            item("Reports", "/reports", "bar-chart", 'r', false, None),
            item("Practice", "/practice", "settings", 'p', false, None),
        ],
        csrf: "token".into(),
        banner: Some(Banner {
            tone: Tone::Info,
            text: "This is a demonstration practice. Everyone in it is invented.".into(),
            action: None,
        }),
        live: None,
        theme: Theme::System,
    }
}

/// A folder beside the temporary ones, with the page's assets as plain files.
fn publish(folder: &Path, name: &str, html: &str) {
    let assets = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/assets"));
    let styles = String::from_utf8(ui::assets::bytes("css/app.css").unwrap().to_vec()).unwrap();
    let styles = ["sans", "sans-ext", "sans-italic"].iter().fold(styles, |styles, font| {
        let logical = format!("fonts/{font}.woff2");
        styles.replace(
            &ui::assets::path(&logical),
            &format!("file://{}/{logical}", assets.display()),
        )
    });
    let sprite = std::fs::read_to_string(assets.join("icons/sprite.svg")).unwrap_or_default();
    // A file may not use another file's drawing, so the sprite is put into the page.
    let html = html
        .replace("</head>", &format!("<style>{styles}</style></head>"))
        .replacen(
            "</body>",
            &format!(
                "<div hidden>{}</div></body>",
                sprite.replace("<symbol id=\"", "<symbol id=\"sprite-")
            ),
            1,
        );
    let html = html.replace(
        &format!("href=\"{}#", ui::assets::path("icons/sprite.svg")),
        "href=\"#sprite-",
    );
    std::fs::write(folder.join(name), html).unwrap();
}

#[test]
fn the_design_page_is_drawn_to_be_looked_at() {
    let folder = std::env::temp_dir().join("mentalspace-ui");
    std::fs::create_dir_all(&folder).unwrap();
    publish(&folder, "design.html", &ui::design_page(&chrome()).into_string());
    publish(&folder, "clients.html", &clients().into_string());
    publish(&folder, "chart.html", &chart(Theme::System).into_string());
    publish(&folder, "chart-dark.html", &chart(Theme::Dark).into_string());
    publish(&folder, "sign-in.html", &sign_in().into_string());
    publish(
        &folder,
        "fault.html",
        &ui::fault_page(
            "This page isn't here",
            "The address may be mistyped, or the record belongs to someone else's practice.",
            "Nothing was changed. Go back, or search for what you were looking for.",
            "01JH2K4M6N8P",
        )
        .into_string(),
    );
    assert!(folder.join("design.html").exists());
}

fn sign_in() -> maud::Markup {
    use ui::form::{self, Field};
    ui::plain(
        "Sign in",
        maud::html! {
            h1 { "Sign in" }
            (form::error_summary(&[("email", "Enter your e-mail address".into())]))
            (form::form("/sign-in", "token", maud::html! {
                (form::email(&Field::new("email", "Email", "").autocomplete("username").error(Some("Enter your e-mail address"))))
                (form::password(&Field::new("password", "Password", "").autocomplete("current-password")))
                (form::submit_row("Sign in", None))
            }))
            p { a href="/forgot" { "Forgot your password?" } }
        },
    )
}

fn clients() -> maud::Markup {
    use ui::table::{Column, Direction, Row, Table, table};
    let names = [
        "Amara Okafor-Lindqvist",
        "Bo Li",
        "María José Fernández de la Vega y Castellanos",
        "Zoë Ó Súilleabháin",
        "Ингрид Петрова",
        "Tom Reyes",
    ];
    let rows = (0..24).map(|number| {
        let (tone, state) = [
            (Tone::Success, "Active"),
            (Tone::Neutral, "Inquiry"),
            (Tone::Attention, "Waitlist"),
            (Tone::Info, "Discharged"),
        ][number % 4];
        Row::link(
            format!("/clients/{number}"),
            vec![
                maud::html! { (names[number % names.len()]) },
                maud::html! { span.quiet { (format!("MH-{:06}", 4217 + number * 37)) } },
                maud::html! { (format!("{} Mar 1988", number % 28 + 1)) },
                maud::html! { @if number % 3 == 0 { "Today 10:00" } @else { "Tue 24 Feb 2026" } },
                ui::dot(tone, state),
                maud::html! { (format!("${}.00", number * 35)) },
                maud::html! { a.button data-kind="secondary" data-size="small" href="/book" { "Book" } },
            ],
        )
    });
    let columns = vec![
        Column::new("Name").sortable("/clients?sort=-name".into(), Some(Direction::Asc)),
        Column::fitting("Record"),
        Column::fitting("Born"),
        Column::fitting("Next session").sortable("/clients?sort=next".into(), None),
        Column::fitting("Status"),
        Column::numeric("Balance"),
        Column::actions(),
    ];
    let body = maud::html! {
        (ui::stats(&[
            ui::Stat { label: "Sessions today", value: "7", note: "2 checked in", href: Some("/calendar"), ..ui::Stat::default() },
            ui::Stat { label: "Notes due", value: "3", note: "1 overdue", tone: Tone::Danger, href: Some("/notes") },
            ui::Stat { label: "Show rate", value: "92 %", note: "4 points up", tone: Tone::Success, href: None },
            ui::Stat { label: "Outstanding", value: "$4,310.00", note: "12 invoices", ..ui::Stat::default() },
        ]))
        (ui::chips("Filters", &[("My clients", true, Some(38)), ("Active", true, None), ("Waitlist", false, Some(4))].map(|(label, on, count)| ui::Chip { label, href: "/clients".into(), on, count })))
        (table(&Table { caption: "Clients", columns, rows: rows.collect(), next: Some("/clients?after=x".into()), summary: "1–24 of 412", ..Table::default() }))
    };
    let actions = maud::html! { (ui::link_button("/import", "Import", ui::Kind::Secondary)) (ui::link_button_with_icon("/clients/new", "plus", "New client", ui::Kind::Primary)) };
    ui::staff(
        &chrome(),
        ui::Page {
            actions,
            toast: Some(ui::Toast::undoable("Appointment moved to Tue 24 Feb, 10:00.", "/undo")),
            ..ui::Page::new("Clients", body)
        },
    )
}

fn chart(theme: Theme) -> maud::Markup {
    use ui::form::{self, Field};
    let tab = |label, current| ui::Tab {
        label,
        href: "/chart".into(),
        current,
        count: None,
    };
    let header = ui::record_header(&ui::RecordHeader {
        name: "Amara Okafor-Lindqvist",
        facts: vec!["she/her", "37 years", "MH-004217"],
        badges: maud::html! { (ui::badge(Tone::Danger, "Safety plan")) (ui::badge(Tone::Attention, "Allergy: penicillin")) },
        sessions: vec![
            maud::html! { "Next Today 10:00" },
            maud::html! { "Last Tue 17 Feb 2026" },
        ],
        actions: maud::html! { (ui::link_button("/book", "Book", ui::Kind::Secondary)) (ui::link_button("/note", "Write note", ui::Kind::Primary)) },
        tabs: ui::tabs(
            "Chart",
            &[
                tab("Overview", false),
                tab("Notes", true),
                tab("Plan", false),
                tab("Measures", false),
                tab("Documents", false),
                tab("Billing", false),
                tab("Messages", false),
                tab("Info", false),
            ],
        ),
    });
    let note = ui::card_with_actions(
        "Progress note",
        ui::save_state("Saved 10:42"),
        form::autosaved_form(
            "/notes/1",
            "/notes/1/draft",
            "token",
            maud::html! {
                @for (name, label, text) in [("subjective", "Subjective", "Client reports sleeping better since Tuesday."), ("objective", "Objective", ""), ("assessment", "Assessment", ""), ("plan", "Plan", "")] {
                    (form::textarea(&Field::new(name, label, text)))
                }
                (form::submit_row("Sign note", None))
            },
        ),
    );
    let context = maud::html! {
        (ui::card("This session", ui::description_list(&[("When", maud::html! { "Today 10:00–10:50" }), ("Type", maud::html! { "Individual" }), ("Place", maud::html! { "Room 2" }), ("Code", maud::html! { "90834" })])))
        (ui::card("Last note", maud::html! { p.quiet { "Tue 17 Feb 2026, Bo Lindqvist" } p { "Worked on stimulus control. Homework: sleep diary." } }))
    };
    ui::staff(
        &Chrome { theme, ..chrome() },
        ui::Page {
            header: Some(header),
            ..ui::Page::new("Note", ui::split(note, context))
        },
    )
}
