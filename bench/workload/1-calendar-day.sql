-- name: calendar day
-- path: /api/v1/appointments?date={day}&limit=200
--
-- Everybody's visits of one day as the practice's owner sees them: identity's look-up of the key,
-- scheduling::appointment::store::in_period, and the audit event. The statements are the server's own; change them together.
begin;
set local app.practice_id = '{practice}';
select k.user_id, k.id as holder_id, 2::smallint as assurance, coalesce(k.used_at, k.created_at) as seen_at, u.given_name, u.family_name, u.credentials,
       coalesce((select array_agg(r.role order by r.role) from user_role r where r.practice_id = '{practice}' and r.user_id = k.user_id), '{}') as roles,
       k.scopes as limits, p.legal_name as practice_name, p.time_zone, p.is_demo
  from api_key k
  join app_user u on u.practice_id = k.practice_id and u.id = k.user_id
  join practice p on p.practice_id = k.practice_id
 where k.practice_id = '{practice}' and k.secret_hash = decode('{key_hash}', 'hex') and k.revoked_at is null and k.expires_at > now()
   and u.status = 'active' and p.status in ('active', 'set_up');
select a.id, client_id, case when true or exists (select from assignment s where s.practice_id = '{practice}' and s.client_id = a.client_id and s.user_id = '{owner}'
             and s.valid_from <= '{day}' and (s.valid_to is null or s.valid_to > '{day}'))
            then a.client_name end as client_name, a.clinician_id, clinician_name, type_id, type_name, colour, code,
       starts_at, ends_at, time_zone, local_start, local_fold, modality, status, location_id, location_name, reason, override_reason,
       checked_in_at, session_started_at, session_ended_at, reschedule_count, cancelled_at, cancelled_by, cancellation_reason,
       cancellation_note, version, updated_at
  from appointment_card a
 where a.practice_id = '{practice}' and a.starts_at >= '{earliest}' and a.ends_at > '{from}' and a.starts_at < '{until}'
   and (a.starts_at, a.id) > ('{earliest}'::timestamptz, '00000000-0000-0000-0000-000000000000'::uuid)
 order by a.starts_at, a.id limit 201;
insert into audit_event (practice_id, id, at, actor_id, actor_label, roles, session_id, address, request_id, action, resource_type, resource_id, client_id, purpose, outcome, detail)
values ('{practice}', (lpad(to_hex((extract(epoch from clock_timestamp()) * 1000)::bigint), 12, '0') || substr(md5(random()::text), 1, 20))::uuid, now(), '{owner}', '', array['owner'], null, '127.0.0.1', 'bench', 'search', 'appointment', null, null, 'TREAT', 'success', '{"clinicians": 0}');
commit;
