//! Closed lists of words: an enum whose text form is the same in Rust, SQL, JSON, URLs and tests.

/// Declares an enum with its words: `ALL`, `word()`, `FromStr`, `Display`, serde, schema, and SQL as `text`.
///
/// The using crate needs `serde` and `utoipa`.
#[macro_export]
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, ::serde::Serialize, ::serde::Deserialize, ::utoipa::ToSchema)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $text)] $variant,)+ }
        impl $name {
            /// Every value, in the order of the specification's tables.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];
            /// The word used in the database, in JSON and in URLs.
            #[must_use]
            pub const fn word(self) -> &'static str { match self { $(Self::$variant => $text,)+ } }
        }
        impl ::std::str::FromStr for $name {
            type Err = $crate::words::UnknownWord;
            fn from_str(text: &str) -> Result<Self, $crate::words::UnknownWord> {
                match text { $($text => Ok(Self::$variant),)+ _ => Err($crate::words::UnknownWord) }
            }
        }
        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result { f.write_str(self.word()) }
        }
        impl $crate::words::postgres_types::ToSql for $name {
            fn to_sql(&self, kind: &$crate::words::postgres_types::Type, out: &mut $crate::words::bytes::BytesMut)
                -> Result<$crate::words::postgres_types::IsNull, Box<dyn ::std::error::Error + Sync + Send>> {
                $crate::words::postgres_types::ToSql::to_sql(&self.word(), kind, out)
            }
            fn accepts(kind: &$crate::words::postgres_types::Type) -> bool {
                <&str as $crate::words::postgres_types::ToSql>::accepts(kind)
            }
            $crate::words::postgres_types::to_sql_checked!();
        }
        impl<'a> $crate::words::postgres_types::FromSql<'a> for $name {
            fn from_sql(kind: &$crate::words::postgres_types::Type, raw: &'a [u8])
                -> Result<Self, Box<dyn ::std::error::Error + Sync + Send>> {
                let text = <&str as $crate::words::postgres_types::FromSql>::from_sql(kind, raw)?;
                text.parse().map_err(|_| format!("unknown {} in the database: {text}", stringify!($name)).into())
            }
            fn accepts(kind: &$crate::words::postgres_types::Type) -> bool {
                <&str as $crate::words::postgres_types::FromSql>::accepts(kind)
            }
        }
    };
}

/// A text that is none of the list's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown word")]
pub struct UnknownWord;

pub use {bytes, postgres_types};
