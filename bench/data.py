"""Fills a fresh steward database with as many rows as a benchmark wants, straight through SQLite.

The rows are what the commands would have written (the schema's own checks and triggers hold them to it); only the way in is
shorter. The audit chain is computed as docs/contract.md, 8 says."""
import hashlib
import json
import os
import sqlite3
import subprocess

NOW = "2026-03-02T09:00:00.000Z"
ZEROS = "0" * 64


def uid(kind, n):
    """A UUIDv7-shaped id that sorts by n."""
    return f"019c{kind:04x}-{n >> 16 & 0xffff:04x}-7{n & 0xfff:03x}-8000-{n:012x}"


def connect(path):
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA synchronous=OFF")
    db.execute("PRAGMA foreign_keys=ON")
    return db


def init(steward, path):
    env = {"HOME": os.path.dirname(path), "PATH": os.environ["PATH"]}
    subprocess.run([steward, "--db", path, "init"], check=True, env=env, stdout=subprocess.DEVNULL)


def invoices(path, count, first=1):
    db = connect(path)
    db.execute("BEGIN")
    rows = ((uid(1, n), f"INV-2026-{n:07d}", f"client{n % 997}@studio.example", 100_000 + n, "EUR", "ISSUED", 0, "2026-02-01", "2026-03-03",
             NOW, NOW, NOW) for n in range(first, first + count))
    db.executemany("INSERT INTO invoices (id, number, client_email, amount_cents, currency, status, paid_cents, issue_date, due_date, issued_at,"
                   " created_at, updated_at) VALUES (?,?,?,?,?,?,?,?,?,?,?,?)", rows)
    db.execute("INSERT INTO document_counters (series, year, next) VALUES ('INV', 2026, ?) ON CONFLICT (series, year) DO UPDATE SET next = excluded.next",
               (first + count,))
    db.execute("COMMIT")
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()


def ledger(path, count):
    """`count` entries over 40 beneficiaries, 24 months and 3 currencies: a deal for every three of them."""
    db = connect(path)
    db.execute("BEGIN")
    rate = {name: db.execute("SELECT id FROM rates WHERE name = ?", (name,)).fetchone()[0] for name in ("PROVIDER", "REFERRER")}
    db.execute("INSERT INTO offers (id, slug, title, summary, audience, delivery_mode, status, price_cents, currency, created_at, updated_at)"
               " VALUES (?, 'bench', 'Bench', 'Bench', 'BOTH', 'ONLINE', 'ACTIVE', 100000, 'EUR', ?, ?)", (uid(2, 1), NOW, NOW))
    people = [uid(3, n) for n in range(40)]
    db.executemany("INSERT INTO users (id, email, status, created_at, updated_at) VALUES (?, ?, 'ACTIVE', ?, ?)",
                   ((p, f"person{n}@studio.example", NOW, NOW) for n, p in enumerate(people)))
    deals = (count + 2) // 3
    db.executemany("INSERT INTO intake_requests (id, audience, contact_name, contact_email, goals, goals_hash, status, offer_slug, created_at, updated_at)"
                   " VALUES (?, 'INDIVIDUAL', 'N', 'n@studio.example', 'G', ?, 'BOOKED', 'bench', ?, ?)",
                   ((uid(4, n), ZEROS, NOW, NOW) for n in range(deals)))
    db.executemany("INSERT INTO deals (id, intake_id, offer_slug, status, agreed_price_cents, agreed_currency, provider_rate_bp, referrer_rate_bp,"
                   " provider_rate_id, referrer_rate_id, created_at, updated_at) VALUES (?, ?, 'bench', 'QUEUED', 100000, 'EUR', 6000, 400, ?, ?, ?, ?)",
                   ((uid(5, n), uid(4, n), rate["PROVIDER"], rate["REFERRER"], NOW, NOW) for n in range(deals)))

    def entries():
        for n in range(count):
            kind = ("PROVIDER_PAYOUT", "REFERRER_COMMISSION", "PLATFORM_REVENUE")[n % 3]
            who = None if n % 3 == 2 else people[n * 7 % 40]
            month = f"20{24 + n % 24 // 12}-{n % 12 + 1:02d}"
            status = "EARNED" if n % 5 else "APPROVED"
            approved = None if n % 5 else NOW
            yield (uid(6, n), uid(5, n // 3), kind, who, 1000 + n % 90_000, ("EUR", "USD", "JPY")[n // 3 % 3], status, 100_000, "net_collected", NOW, month,
                   approved, NOW, NOW)
    db.executemany("INSERT INTO ledger_entries (id, deal_id, entry_type, beneficiary_user_id, amount_cents, currency, status, basis_cents, basis, earned_at,"
                   " earned_month, approved_at, created_at, updated_at) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)", entries())
    db.execute("COMMIT")
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()


def inquiries(path, count):
    """A file of JSON lines for `intake import`: everybody asks once, some with everything that may be said."""
    with open(path, "w") as out:
        for n in range(count):
            line = {"audience": ("INDIVIDUAL", "TEAM", "ORGANIZATION")[n % 3], "contact_name": f"Persona Número {n}",
                    "contact_email": f"person{n}@client{n % 997}.example",
                    "goals": f"We would like to learn how to ask better questions, case {n}. And a few more words, as people write."}
            if n % 3:
                line |= {"organization_name": f"Firm {n % 5000} & Sons", "timeline": "This spring"}
            if n % 5 == 0:
                line["priority"] = n % 1000
            out.write(json.dumps(line, ensure_ascii=False) + "\n")


def older_invoices(path, count):
    """A file of CSV for `invoices import --historical`: our own numbers, half of them paid, 10,000 clients."""
    with open(path, "w") as out:
        out.write("number,issue_date,client_email,client_name,client_address,client_country,amount,currency,description,paid_amount,paid_date,reference\n")
        for n in range(1, count + 1):
            client = n % 10_000
            paid = f"yes,2025-{n % 12 + 1:02d}-28,SEPA {n}" if n % 2 else ",,"
            out.write(f"INV-2025-{n:04d},2025-{n % 12 + 1:02d}-{n % 27 + 1:02d},person{client}@client.example,Persona Número {client},"
                      f"\"{client} Long Street, Town\",DE,{100 + n % 5000}.{n % 100:02d},EUR,What was agreed on in case {n},{paid}\n")


def contacts(path, count):
    """A spreadsheet for `contacts import`, everybody with a billing identity."""
    with open(path, "w") as out:
        out.write("email,full_name,legal_name,address,country,tax_id,billing_email,notes\n")
        for n in range(count):
            out.write(f"person{n}@client{n % 997}.example,Persona Número {n},Firm {n} GmbH,\"Street {n}, 10115 Berlin\",DE,DE{n:09d},"
                      f"billing{n}@client{n % 997}.example,Met in year {n % 30}\n")


def offers(path, count):
    """A list for `offers import`, each with its price."""
    with open(path, "w") as out:
        out.write("slug,title,summary,audience,delivery_mode,price,currency,duration\n")
        for n in range(count):
            out.write(f"offer-{n},Offer {n},A day of work number {n} with some words.,GROUP,ONLINE,{n + 1}.00,EUR,1 day\n")


def statement(path, count):
    """A bank's statement for `payments import`: nothing in it names an invoice."""
    with open(path, "w") as out:
        out.write("date,amount,currency,reference,text\n")
        for n in range(count):
            out.write(f"2026-02-{n % 28 + 1:02d},{n % 1000 + 1}.{n % 100:02d},EUR,REF{n},Transfer of client {n % 997} for services\n")


def canonical(row):
    return json.dumps(row, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


COLUMNS = ("id", "chain", "seq", "actor_type", "actor_id", "token_id", "action", "target_type", "target_id", "request_id", "metadata", "created_at")


def audit(path, count):
    """Appends `count` rows to the studio's chain."""
    db = connect(path)
    db.execute("BEGIN")
    head = db.execute("SELECT seq, hash FROM audit_heads WHERE chain = 'studio'").fetchone() or (0, ZEROS)
    seq, previous = head

    def rows():
        nonlocal seq, previous
        for n in range(count):
            seq += 1
            row = dict(zip(COLUMNS, (uid(7, seq), "studio", seq, "OPERATOR", "operator:bench", None, "invoices.issue", "invoice", uid(1, n), uid(8, n),
                                     {"before": {"status": "DRAFT"}, "after": {"status": "ISSUED"}}, NOW)))
            digest = hashlib.blake2b(bytes.fromhex(previous) + canonical(row).encode(), digest_size=32).hexdigest()
            yield tuple(canonical(v) if k == "metadata" else v for k, v in row.items()) + (previous, digest)
            previous = digest
    db.executemany(f"INSERT INTO audit_log ({', '.join(COLUMNS)}, prev_hash, hash) VALUES ({','.join('?' * 14)})", rows())
    db.execute("INSERT INTO audit_heads (chain, seq, hash) VALUES ('studio', ?, ?) ON CONFLICT (chain) DO UPDATE SET seq = excluded.seq, hash = excluded.hash",
               (seq, previous))
    db.execute("COMMIT")
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()


def verify(path):
    """The same check as `steward audit verify`, with Python's sqlite3 and hashlib: the peer of that benchmark."""
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    previous, count = bytes(32), 0
    blake2b, fromhex = hashlib.blake2b, bytes.fromhex
    dumps = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode
    # The canonical text put together from the columns: the metadata is stored canonical already.
    for (action, actor_id, actor_type, chain, created_at, id_, metadata, request_id, seq, target_id, target_type, token_id, prev, stored) in db.execute(
            "SELECT action, actor_id, actor_type, chain, created_at, id, metadata, request_id, seq, target_id, target_type, token_id, prev_hash, hash"
            " FROM audit_log WHERE chain = 'studio' ORDER BY seq"):
        text = (f'{{"action":{dumps(action)},"actor_id":{dumps(actor_id)},"actor_type":{dumps(actor_type)},"chain":{dumps(chain)},'
                f'"created_at":{dumps(created_at)},"id":{dumps(id_)},"metadata":{metadata},"request_id":{dumps(request_id)},"seq":{seq},'
                f'"target_id":{dumps(target_id)},"target_type":{dumps(target_type)},"token_id":{dumps(token_id)}}}')
        digest = blake2b(previous + text.encode(), digest_size=32).digest()
        count += 1
        if seq != count or fromhex(prev) != previous or fromhex(stored) != digest:
            raise SystemExit(f"broken at {seq}")
        previous = digest
    print(count)


if __name__ == "__main__":
    import sys
    verify(sys.argv[1])
