//! The permission matrix, cell by cell, against a table that was compared with the specification by hand.

use std::fmt::Write;

use identity::rights;
use kernel::{Permission, Role};

/// IAM-21. After a meant change of a right, compare the printed table with the specification and put it in the file.
#[test]
fn iam_21_built_in_roles_give_exactly_the_matrix() {
    let mut table = format!("{:<18}", "");
    for role in Role::ALL {
        write!(table, " {:<13}", role.word()).unwrap();
    }
    for permission in Permission::ALL {
        write!(table, "\n{:<18}", permission.word()).unwrap();
        for role in Role::ALL {
            write!(
                table,
                " {:<13}",
                rights::of_role(*role, *permission).map_or("-", |scope| scope.word())
            )
            .unwrap();
        }
    }
    let table: Vec<&str> = table.lines().map(str::trim_end).collect();
    let reviewed: Vec<&str> = include_str!("../rights.txt").lines().collect();
    assert_eq!(table, reviewed, "\n{}\n", table.join("\n"));
}

/// IAM-35: the signing limit of supervisee and intern wins over every union.
#[test]
fn iam_35_a_supervisee_never_signs_alone_whatever_else_they_hold() {
    for other in Role::ALL {
        for limited in [Role::Supervisee, Role::Intern] {
            assert_eq!(
                rights::of_roles(&[*other, limited], Permission::NoteSign),
                None,
                "{other} and {limited}"
            );
        }
    }
}
