/** Grants the roles of one table the same on another relation, as far as these privileges go. */
export const sameGrants = (
  from: string,
  to: string,
  privileges: readonly string[],
): string => `do $$ declare one record; begin
    for one in
      select privilege_type as privilege, case grantee when 0 then 'public' else grantee::regrole::text end as role
      from pg_class c cross join aclexplode(c.relacl)
      where c.oid = '${from}'::regclass and grantee <> c.relowner
        and privilege_type in (${privileges.map((each) => `'${each}'`).join(', ')})
    loop
      execute 'grant ' || one.privilege || ' on ${to} to ' || one.role;
    end loop;
  end $$`
