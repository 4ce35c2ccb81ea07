from adbc_driver_flightsql import DatabaseOptions, dbapi

from harness import check, equal, facts, one, raises

SECURED = "grpc+tls://" + facts["secured"]
AUTHORIZATION = DatabaseOptions.AUTHORIZATION_HEADER.value
TRUST_ANY = {DatabaseOptions.TLS_SKIP_VERIFY.value: "true"}


def ask(**options):
    with dbapi.connect(SECURED, autocommit=True, db_kwargs=options) as db, db.cursor() as cur:
        cur.execute("SET application_name = 'checked'")
        return one(cur, "SELECT current_setting('application_name') || count(*) FROM crm.public.customers")


WANT = f"checked{facts['customers']}"


@check
def bearer_token_and_any_certificate():
    equal(ask(**{AUTHORIZATION: "Bearer " + facts["token"]}, **TRUST_ANY), WANT)


@check
def bearer_token_and_the_servers_certificate():
    with open(facts["certificate"], encoding="ascii") as f:
        equal(ask(**{AUTHORIZATION: "Bearer " + facts["token"], DatabaseOptions.TLS_ROOT_CERTS.value: f.read()}), WANT)


@check
def token_as_password():
    equal(ask(username="anyone", password=facts["token"], **TRUST_ANY), WANT)


@check
def no_token():
    with raises(Exception, "UNAUTHENTICATED", "28"):
        ask(**TRUST_ANY)


@check
def wrong_token():
    with raises(Exception, "UNAUTHENTICATED"):
        ask(**{AUTHORIZATION: "Bearer wrong"}, **TRUST_ANY)
    with raises(Exception, "UNAUTHENTICATED"):
        ask(username="anyone", password="wrong", **TRUST_ANY)


@check
def a_certificate_that_nobody_vouches_for():
    with raises(Exception, "certificate"):
        ask(**{AUTHORIZATION: "Bearer " + facts["token"]})


@check
def plain_text_to_a_tls_port():
    with raises(Exception):
        with dbapi.connect("grpc://" + facts["secured"], autocommit=True) as db, db.cursor() as cur:
            cur.execute("SELECT 1")
