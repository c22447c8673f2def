//! SQL statements as typed functions, each in a list that one test prepares against the migrated schema.
//!
//! A statement is written once, with the Rust types of its parameters and rows; the macro makes the function
//! that runs it and registers it, so that a wrong name or type fails a test and never reaches a person.

use postgres_types::{FromSql, Type};
use tokio_postgres::Row;

/// A column that a row type expects, in order.
#[derive(Clone, Copy)]
pub struct Column {
    /// The column's name in the statement's result; empty where any name will do.
    pub name: &'static str,
    /// Whether the Rust type can read a PostgreSQL type.
    pub accepts: fn(&Type) -> bool,
}

/// A type that one row of a result becomes.
pub trait FromRow: Sized {
    /// The columns, in order.
    const COLUMNS: &'static [Column];
    /// Reads the row.
    ///
    /// # Errors
    /// A column that does not hold the expected type.
    fn from_row(row: &Row) -> Result<Self, tokio_postgres::Error>;
}

macro_rules! tuples {
    ($(($($letter:ident $index:tt),+)),+ $(,)?) => {$(
        impl<$($letter: for<'a> FromSql<'a>),+> FromRow for ($($letter,)+) {
            const COLUMNS: &'static [Column] = &[$(Column { name: "", accepts: <$letter as FromSql>::accepts }),+];
            fn from_row(row: &Row) -> Result<Self, tokio_postgres::Error> { Ok(($(row.try_get::<_, $letter>($index)?,)+)) }
        }
    )+};
}
tuples!((A 0), (A 0, B 1), (A 0, B 1, C 2), (A 0, B 1, C 2, D 3), (A 0, B 1, C 2, D 3, E 4), (A 0, B 1, C 2, D 3, E 4, F 5));

/// What a statement gives back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gives {
    /// Any number of rows.
    Many,
    /// One row or none.
    Maybe,
    /// Exactly one row.
    One,
    /// The number of rows touched.
    Count,
}

/// A parameter's name, and whether its Rust type can be sent as a PostgreSQL type.
pub type Parameter = (&'static str, fn(&Type) -> bool);

/// A statement as the test sees it.
pub struct Registered {
    /// The function's name.
    pub name: &'static str,
    /// The module it stands in.
    pub module: &'static str,
    /// The text.
    pub sql: &'static str,
    /// Names of parameters and whether their Rust types can be sent as a PostgreSQL type.
    pub parameters: &'static [Parameter],
    /// What comes back.
    pub gives: Gives,
    /// The row's columns; empty for a count.
    pub columns: &'static [Column],
}
inventory::collect!(Registered);

/// Every registered statement of the crates linked into this program.
pub fn all() -> impl Iterator<Item = &'static Registered> {
    inventory::iter::<Registered>.into_iter()
}

/// Declares a row type: a struct whose fields are read from columns of the same names, in order.
#[macro_export]
macro_rules! row {
    ($(#[$doc:meta])* $vis:vis struct $name:ident { $($(#[$fdoc:meta])* $fvis:vis $field:ident: $kind:ty),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        $vis struct $name { $($(#[$fdoc])* $fvis $field: $kind,)+ }
        impl $crate::statement::FromRow for $name {
            const COLUMNS: &'static [$crate::statement::Column] = &[$($crate::statement::Column {
                name: stringify!($field),
                accepts: <$kind as $crate::postgres_types::FromSql>::accepts,
            },)+];
            fn from_row(row: &$crate::db::Row) -> Result<Self, $crate::db::RowError> {
                let mut index = 0..;
                Ok(Self { $($field: row.try_get(index.next().unwrap_or(0))?,)+ })
            }
        }
    };
}

/// Declares a statement as an async function of a transaction and its typed parameters.
///
/// `-> many Row`, `-> maybe Row`, `-> one Row` or `-> count`.
#[macro_export]
macro_rules! statement {
    ($(#[$doc:meta])* $vis:vis fn $name:ident($($p:ident: $t:ty),* $(,)?) -> count = $sql:literal) => {
        $(#[$doc])*
        #[allow(clippy::too_many_arguments, reason = "a statement has as many parameters as its SQL")]
        $vis async fn $name(tx: &$crate::Tx, $($p: $t),*) -> Result<u64, $crate::StoreError> {
            tx.count($sql, &[$(&$p as &(dyn $crate::postgres_types::ToSql + Sync)),*]).await
        }
        $crate::statement!(@register $name, [$($p: $t),*], Count, &[], $sql);
    };
    ($(#[$doc:meta])* $vis:vis fn $name:ident($($p:ident: $t:ty),* $(,)?) -> many $row:ty = $sql:literal) => {
        $(#[$doc])*
        #[allow(clippy::too_many_arguments, reason = "a statement has as many parameters as its SQL")]
        $vis async fn $name(tx: &$crate::Tx, $($p: $t),*) -> Result<Vec<$row>, $crate::StoreError> {
            tx.many::<$row>($sql, &[$(&$p as &(dyn $crate::postgres_types::ToSql + Sync)),*]).await
        }
        $crate::statement!(@register $name, [$($p: $t),*], Many, <$row as $crate::statement::FromRow>::COLUMNS, $sql);
    };
    ($(#[$doc:meta])* $vis:vis fn $name:ident($($p:ident: $t:ty),* $(,)?) -> maybe $row:ty = $sql:literal) => {
        $(#[$doc])*
        #[allow(clippy::too_many_arguments, reason = "a statement has as many parameters as its SQL")]
        $vis async fn $name(tx: &$crate::Tx, $($p: $t),*) -> Result<Option<$row>, $crate::StoreError> {
            tx.maybe::<$row>($sql, &[$(&$p as &(dyn $crate::postgres_types::ToSql + Sync)),*]).await
        }
        $crate::statement!(@register $name, [$($p: $t),*], Maybe, <$row as $crate::statement::FromRow>::COLUMNS, $sql);
    };
    ($(#[$doc:meta])* $vis:vis fn $name:ident($($p:ident: $t:ty),* $(,)?) -> one $row:ty = $sql:literal) => {
        $(#[$doc])*
        #[allow(clippy::too_many_arguments, reason = "a statement has as many parameters as its SQL")]
        $vis async fn $name(tx: &$crate::Tx, $($p: $t),*) -> Result<$row, $crate::StoreError> {
            tx.one::<$row>($sql, &[$(&$p as &(dyn $crate::postgres_types::ToSql + Sync)),*]).await
        }
        $crate::statement!(@register $name, [$($p: $t),*], One, <$row as $crate::statement::FromRow>::COLUMNS, $sql);
    };
    (@register $name:ident, [$($p:ident: $t:ty),*], $gives:ident, $columns:expr, $sql:literal) => {
        $crate::inventory::submit! {
            $crate::statement::Registered {
                name: stringify!($name),
                module: module_path!(),
                sql: $sql,
                parameters: &[$((stringify!($p), <$t as $crate::postgres_types::ToSql>::accepts as fn(&$crate::postgres_types::Type) -> bool)),*],
                gives: $crate::statement::Gives::$gives,
                columns: $columns,
            }
        }
    };
}
