//! The look: every page's frame, and the components that pages are put together from.
//!
//! A component is a function of plain data to one root element; the function, its class and its style file share one name.
//! Knows nothing of practices, clients, rights or the database: what may be done comes in as data.
//!
//! Invariants: no inline style or script; every behaviour attribute (`data-controller`, `data-action`) is written here and not by
//! pages; text that a person typed is always escaped; every page works with scripts switched off.

pub mod assets;
pub mod calendar;
pub mod chart;
pub mod icon;
pub mod timeline;

mod avatar;
mod badge;
mod banner;
mod button;
mod card;
mod chips;
mod description_list;
pub mod design;
mod dialog;
mod diff;
mod empty_state;
mod file_drop;
pub mod form;
mod kbd;
mod layout;
mod menu;
mod page;
mod pagination;
mod progress;
mod record_header;
mod save_state;
mod search_box;
mod shortcuts;
mod signature;
mod stat;
pub mod table;
mod tabs;
mod time;
mod toast;

pub use avatar::avatar;
pub use badge::{Tone, badge, dot};
pub use banner::{Banner, banner};
pub use button::{Kind, button, icon_link, link_button, link_button_with_icon, submit_button};
pub use card::{card, card_with_actions, panel};
pub use chips::{Chip, chips};
pub use description_list::description_list;
pub use design::design_page;
pub use dialog::{confirmation, dialog, dialog_opener, side_sheet};
pub use diff::diff;
pub use empty_state::empty_state;
pub use file_drop::file_drop;
pub use form::post_button;
pub use kbd::kbd;
pub use layout::{cluster, grid, split, spread, stack};
pub use menu::{MenuItem, menu};
pub use page::{Chrome, NavItem, Page, Theme, fault_page, plain, printable, staff};
pub use pagination::pagination;
pub use progress::{progress, skeleton};
pub use record_header::{RecordHeader, record_header};
pub use save_state::save_state;
pub use search_box::search_box;
pub use shortcuts::shortcuts_dialog;
pub use signature::signature;
pub use stat::{Stat, stat, stats};
pub use tabs::{Tab, tabs};
pub use time::{relative_time, time};
pub use toast::{Toast, toast};

/// The id of the control that a form field of this name has; what an error summary links to.
pub fn field_id(name: &str) -> String {
    let safe: String = name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .collect();
    format!("field-{safe}")
}
