-- A charge with its line of history, statement by statement.
\set user random(1, 100000)
begin;
select balance from users where id = :user for update;
update users set balance = balance + 100 where id = :user;
insert into entries (user_id, amount, balance_after) values (:user, 100, 100);
commit;
