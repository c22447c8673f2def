//! The frames: what every page has, and what no page may have.

use crate::drawing::chrome;
use ui::{Page, Toast};

#[test]
fn a_staff_page_has_its_landmarks_and_its_title() {
    let html = ui::staff(
        &chrome(),
        Page {
            has_errors: true,
            toast: Some(Toast::done("Saved.")),
            ..Page::new("Clients", maud::html! { p { "Body" } })
        },
    )
    .into_string();
    for part in [
        r#"<main class="page__main" id="main""#,
        r##"href="#main""##,
        "<title>Error: Clients · Larch Lane Practice</title>",
        r#"aria-current="page""#,
        r#"action="/search""#,
        "Saved.",
        "<p>Body</p>",
    ] {
        assert!(html.contains(part), "{part} is missing from {html}");
    }
    assert_eq!(html.matches("<main").count(), 1);
    assert_eq!(html.matches("<h1").count(), 1);
}

#[test]
fn no_page_carries_inline_style_or_script() {
    for html in [
        ui::design_page(&chrome()),
        ui::plain("Sign in", maud::Markup::default()),
        ui::printable("Statement", maud::Markup::default()),
        ui::fault_page("Not found", "What", "Next", "42"),
    ] {
        let html = html.into_string();
        assert!(
            !html.contains(" style=") && !html.contains("<style") && !html.contains(" onclick"),
            "inline style or handler"
        );
        assert_eq!(
            html.matches("<script").count(),
            html.matches(r#"<script type="importmap""#).count() + html.matches(r#"<script type="module" src="#).count()
        );
    }
}

#[test]
fn no_id_stands_twice_on_the_design_page() {
    let html = ui::design_page(&chrome()).into_string();
    let mut ids: Vec<&str> = html
        .split(" id=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect();
    ids.sort_unstable();
    let twice: Vec<_> = ids
        .windows(2)
        .filter(|pair| pair[0] == pair[1])
        .map(|pair| pair[0])
        .collect();
    assert!(twice.is_empty(), "{twice:?}");
}

#[test]
fn hostile_names_are_escaped_in_the_frame() {
    let hostile = "<img src=x onerror=alert(1)>";
    let chrome = ui::Chrome {
        practice: hostile.into(),
        person: hostile.into(),
        role: hostile.into(),
        ..chrome()
    };
    assert!(
        !ui::staff(&chrome, Page::new(hostile, maud::Markup::default()))
            .into_string()
            .contains("<img")
    );
}

#[test]
fn every_style_file_is_in_the_order_and_every_listed_one_exists() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/css");
    let order = std::fs::read_to_string(format!("{folder}/order.txt")).unwrap();
    let mut listed: Vec<_> = order
        .lines()
        .map(str::to_string)
        .filter(|line| !line.is_empty())
        .collect();
    let mut present: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".css"))
        .collect();
    listed.sort();
    present.sort();
    assert_eq!(listed, present);
}

#[test]
fn the_layers_are_declared_before_anything_else() {
    let order = include_str!("../../assets/css/order.txt");
    assert_eq!(order.lines().next(), Some("reset.css"));
    assert!(
        include_str!("../../assets/css/reset.css")
            .contains("@layer reset, tokens, base, components, pages, utilities, print;")
    );
}
