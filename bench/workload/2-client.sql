-- name: client
-- path: /api/v1/clients/{client}
--
-- One client with what the head of the chart needs: identity's look-up of the key, clients::client::store::load, and the
-- audit event. The statements are the server's own; change them together.
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
select c.id, c.mrn, c.family, c.given, c.middle, c.suffix, c.preferred_name, c.previous_names, c.pronouns, c.birth_date, c.birth_date_estimated,
       c.deceased_at, c.sex_administrative, c.marital_status, c.languages, c.race, c.ethnicity, c.status, c.presenting_concern, c.payment_mode,
       c.version, c.created_at, c.updated_at,
       exists (select from assignment a where a.practice_id = '{practice}' and a.client_id = '{client}' and a.user_id = '{owner}'
                and a.valid_from <= '{day}' and (a.valid_to is null or a.valid_to > '{day}')) as is_assigned,
       (select k.name from assignment a join colleague k on k.practice_id = '{practice}' and k.id = a.user_id
         where a.practice_id = '{practice}' and a.client_id = '{client}' and a.role = 'primary_clinician' and a.valid_to is null limit 1) as clinician,
       (select count(*) from allergy_intolerance i where i.practice_id = '{practice}' and i.client_id = '{client}' and i.clinical_status = 'active') as active_allergies
  from client c where c.practice_id = '{practice}' and c.id = '{client}';
insert into audit_event (practice_id, id, at, actor_id, actor_label, roles, session_id, address, request_id, action, resource_type, resource_id, client_id, purpose, outcome, detail)
values ('{practice}', (lpad(to_hex((extract(epoch from clock_timestamp()) * 1000)::bigint), 12, '0') || substr(md5(random()::text), 1, 20))::uuid, now(), '{owner}', '', array['owner'], null, '127.0.0.1', 'bench', 'read', 'client', '{client}', '{client}', 'TREAT', 'success', '{}');
commit;
