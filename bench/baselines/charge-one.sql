-- The same in one statement.
\set user random(1, 100000)
with charged as (
  update users set balance = balance + 100 where id = :user and balance + 100 <= 2000000000000 returning id, balance
)
insert into entries (user_id, amount, balance_after) select id, 100, balance from charged returning balance_after;
