//! Lists of records in rows and columns. Sort and page stand in the address. On a narrow container each row becomes a small card.

use crate::icon::icon;
use maud::{Markup, html};

/// The direction that a column is sorted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Smallest first.
    Asc,
    /// Largest first.
    Desc,
}

/// A column.
#[derive(Debug, Clone, Default)]
pub struct Column<'a> {
    /// Its heading.
    pub label: &'a str,
    /// The page sorted by it, in the direction that a press should give.
    pub sort: Option<String>,
    /// The direction it is sorted in now.
    pub sorted: Option<Direction>,
    /// Numbers and money: right-aligned, tabular figures.
    pub numeric: bool,
    /// Short facts of one length, which never wrap: dates, record numbers.
    pub fits: bool,
    /// The heading is read but not seen: columns of actions.
    pub label_hidden: bool,
}

impl<'a> Column<'a> {
    /// A column of words.
    pub fn new(label: &'a str) -> Self {
        Self {
            label,
            ..Self::default()
        }
    }

    /// A column of short facts that never wrap.
    pub fn fitting(label: &'a str) -> Self {
        Self {
            label,
            fits: true,
            ..Self::default()
        }
    }

    /// A column of numbers.
    pub fn numeric(label: &'a str) -> Self {
        Self {
            label,
            numeric: true,
            ..Self::default()
        }
    }

    /// A column of buttons, without a visible heading.
    pub fn actions() -> Self {
        Self {
            label: "Actions",
            label_hidden: true,
            ..Self::default()
        }
    }

    /// The same column, sortable.
    pub fn sortable(self, path: String, sorted: Option<Direction>) -> Self {
        Self {
            sort: Some(path),
            sorted,
            ..self
        }
    }
}

/// A row; with an address, the whole row leads there and its first cell is the link.
#[derive(Debug, Clone, Default)]
pub struct Row {
    /// Where the row leads.
    pub href: Option<String>,
    /// One cell per column.
    pub cells: Vec<Markup>,
    /// A stable id, so that a live refresh moves rows in place of redrawing them.
    pub id: Option<String>,
}

impl Row {
    /// A row that leads somewhere.
    pub fn link(href: impl Into<String>, cells: Vec<Markup>) -> Self {
        Self {
            href: Some(href.into()),
            cells,
            id: None,
        }
    }

    /// A row that leads nowhere.
    pub fn plain(cells: Vec<Markup>) -> Self {
        Self {
            href: None,
            cells,
            id: None,
        }
    }
}

/// The whole list.
#[derive(Debug, Clone, Default)]
pub struct Table<'a> {
    /// What the list is, for screen readers.
    pub caption: &'a str,
    /// Its columns.
    pub columns: Vec<Column<'a>>,
    /// Its rows.
    pub rows: Vec<Row>,
    /// Sums under their columns; empty for none.
    pub totals: Vec<Markup>,
    /// What stands in its place while there are no rows.
    pub empty: Markup,
    /// The previous page.
    pub previous: Option<String>,
    /// The next page.
    pub next: Option<String>,
    /// What is shown, in words: "1–50 of 412".
    pub summary: &'a str,
}

/// Draws the list.
pub fn table(table: &Table) -> Markup {
    if table.rows.is_empty() && table.previous.is_none() {
        return html! { div.table data-empty { (table.empty) } };
    }
    // The roles repeat what the elements mean, because the narrow layout changes `display`, and browsers then forget it.
    html! {
        div.table {
            table.table__grid role="table" {
                caption.visually-hidden { (table.caption) }
                thead role="rowgroup" { tr role="row" { @for column in &table.columns { (heading(column)) } } }
                tbody role="rowgroup" data-controller="nav-list" data-action="keydown->nav-list#move" {
                    @for line in &table.rows { (row(line, &table.columns)) }
                }
                @if !table.totals.is_empty() {
                    tfoot role="rowgroup" { tr role="row" {
                        @for (total, column) in table.totals.iter().zip(&table.columns) { (cell(total, column, None)) }
                    } }
                }
            }
            (crate::pagination(table.previous.as_deref(), table.next.as_deref(), table.summary))
        }
    }
}

fn heading(column: &Column) -> Markup {
    let sorted = column.sorted.map(|direction| match direction {
        Direction::Asc => "ascending",
        Direction::Desc => "descending",
    });
    html! {
        th scope="col" role="columnheader" data-numeric[column.numeric] aria-sort=[sorted] {
            @if let Some(path) = &column.sort {
                a.table__sort href=(path) { (column.label) @match column.sorted {
                    Some(Direction::Asc) => { (icon("chevron-up")) } Some(Direction::Desc) => { (icon("chevron-down")) } None => {}
                } }
            } @else { span.visually-hidden[column.label_hidden] { (column.label) } }
        }
    }
}

fn row(row: &Row, columns: &[Column]) -> Markup {
    html! {
        tr.table__row role="row" id=[row.id.as_deref()] data-linked[row.href.is_some()] {
            @for (index, (content, column)) in row.cells.iter().zip(columns).enumerate() {
                (cell(content, column, row.href.as_deref().filter(|_| index == 0)))
            }
        }
    }
}

fn cell(content: &Markup, column: &Column, href: Option<&str>) -> Markup {
    html! {
        td role="cell" data-numeric[column.numeric] data-fits[column.fits] data-actions[column.label_hidden] data-label=(column.label) {
            @if let Some(href) = href { a.table__link href=(href) data-nav-list-target="item" { (content) } } @else { (content) }
        }
    }
}
