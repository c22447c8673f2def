-- Who of the staff treats whom, and from when to when. What a clinician may open follows from it.

create table assignment (
    practice_id uuid not null,
    id          uuid not null,
    client_id   uuid not null,
    user_id     uuid not null,
    role        text not null,
    valid_from  date not null,
    valid_to    date,
    reason      text,
    created_at  timestamptz not null,
    created_by  uuid,
    ended_at    timestamptz,
    ended_by    uuid,
    primary key (practice_id, id),
    constraint assignment_client foreign key (practice_id, client_id) references client,
    constraint assignment_user foreign key (practice_id, user_id) references app_user,
    constraint assignment_period check (valid_to >= valid_from),
    constraint assignment_role_known check (role in ('primary_clinician', 'co_clinician', 'prescriber', 'supervisor', 'case_manager', 'group_leader', 'covering'))
);
comment on table assignment is 'A member of staff on a client''s team. Rows are ended, never removed.';
comment on column assignment.valid_to is 'First day on which it no longer holds; null while it holds.';
create unique index assignment_one_primary on assignment (practice_id, client_id) where role = 'primary_clinician' and valid_to is null;
create unique index assignment_once on assignment (practice_id, client_id, user_id, role) where valid_to is null;
create index assignment_client_newest on assignment (practice_id, client_id, valid_from desc, id);
create index assignment_user on assignment (practice_id, user_id, client_id);
call isolate('assignment');
grant select, insert on assignment to mentalspace_app;
grant update (valid_to, ended_at, ended_by) on assignment to mentalspace_app;
