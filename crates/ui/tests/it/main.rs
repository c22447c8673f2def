//! What the look promises, checked on the drawn HTML and on the tokens themselves.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod contrast;
mod drawing;
mod forms;
mod pages;
