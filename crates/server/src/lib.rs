//! Server: the rooms put together into one house. It holds no rule of any of them.
//!
//! [`house`] makes the house from its configuration, [`router`] joins the rooms' routes under the layers that
//! every request passes, [`serve`] opens the door, [`command`] is the command line.

pub mod command;
pub mod demo;
pub mod house;
pub mod live;
pub mod observe;
pub mod router;
pub mod serve;
