"""Keys and tokens that services hand out, known by what they begin with.

Prefixes, lengths and alphabets of many of them are facts that the rules of gitleaks (MIT licence,
Copyright (c) 2019 Zachary Rice, github.com/gitleaks/gitleaks) state; the expressions are our own.
"""

from typing import Final

from logwatchd.domain.secret_formats import KEPT_START, START, Format


def _key(kind: str, prefix: str, body: str, check: str = "", *, hint: str = "") -> Format:
    """Return the format of keys that begin with a prefix; all parts are RE2 expressions.

    Args:
        kind: What the placeholder calls it.
        prefix: What it begins with.
        body: What follows.
        check: Name of the check that must agree on all of it.
        hint: What is looked for first, where the prefix would be found too often or is costly.
    """
    regex = f"{KEPT_START}(?P<token>(?:{prefix}){body})"
    return Format(kind, hint or prefix, regex, check)


def _short(kind: str, prefix: str, body: str, check: str = "") -> Format:
    """Return the same for a prefix that is a part of ordinary words, but seldom begins one."""
    return _key(kind, prefix, body, check, hint=f"{START}(?:{prefix})[A-Za-z0-9_-]")


_HEX: Final = "[0-9a-fA-F]"
_UUID: Final = f"{_HEX}{{8}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{12}}"

_GENERAL: Final = (
    Format(
        "split_key",
        r"[\"']\s*\+?\s*[\"']",
        r"(?:gh[pousr]_|github_pat_|AKIA|ASIA|sk-ant-|sk-proj-|sk_live_|xox[bp]-|glpat-)[\w\-]*"
        r"(?:[\"']\s*\+?\s*[\"'][\w\-]+)+",
    ),
    Format(
        "encoded_key",
        "c2stYW50|c2stcHJva|c2tfbGl2Z|Z2hw|Z2hz|Z2l0aHViX3Bhd|Z2xwYXQt|QUtJQ|eG94Y|ZXlK",
        r"\b(?:c2stYW50|c2stcHJva|c2tfbGl2Z|Z2hw[Xw]|Z2hz[Xw]|Z2l0aHViX3Bhd|Z2xwYXQt|QUtJQ|eG94Y"
        r"|ZXlK[A-Za-z0-9]{3}aU)[A-Za-z0-9+/_\-]{16,}={0,2}",
    ),
    Format(
        "jwt",
        rf"eyJ|{START}(?:ey[AK]|ew[o0])[\w\-]{{8}}",
        r"(?:ey[AJK]|ew[o0])[\w\-]{6,}\.(?:ey[AJK]|ew[o0])[\w\-]{4,}(?:\.[\w\-]*){0,4}"
        r"|ey[AJK][\w\-]{10,}\.[\w\-]{4,}\.[\w\-]{10,}(?:\.[\w\-]*){0,3}"
        r"|eyJ(?:hbGciOi|0eXAiOi)[\w\-]{4,}(?:\.[\w\-]*){0,4}",
    ),
)

_CODE: Final = (
    Format(
        "github_token",
        "gh[pousr]_|github_pat_",
        r"gh[pousr]_[A-Za-z0-9_]{16,}(?:[.\-][A-Za-z0-9_\-]{10,})*|github_pat_[A-Za-z0-9_]{20,}",
    ),
    _short(
        "gitlab_token",
        "gl(?:pat|ptt|cbt|rtr?|dt|oas|soat|imt|ft|ffct|agent|wt)-",
        r"[\w\-]{16,}(?:\.[0-9a-z]{2,9}){0,2}",
    ),
    _key("gitlab_token", "GR1348941", r"[\w\-]{16,}"),
    _short("package_token", "npm_", "[A-Za-z0-9]{30,}"),
    _short("package_token", "pypi-", r"[\w\-]{40,}"),
    _key("package_token", "dckr_[po]at_", r"[\w\-]{20,}"),
    _short("package_token", "cio", "[A-Za-z0-9]{32}\\b", "digit"),
    _key("package_token", "rubygems_", f"{_HEX}{{40,}}"),
    _short("package_token", "oy2", r"[a-z0-9]{43}\b"),
    _key("package_token", "(?i:clojars_)", "[A-Za-z0-9]{50,}"),
    _short("artifactory_token", "AKC[a-z]|cmVmd", "[A-Za-z0-9]{50,}", "digit"),
    _key("bitbucket_token", "ATBB|BBDC-", "[A-Za-z0-9+/]{28,}"),
    _key("atlassian_token", "AT(?:ATT|CTT)3", r"[\w\-=]{40,}"),
    _short("pulumi_token", "pul-", f"{_HEX}{{32,}}"),
    _key("terraform_token", r"[A-Za-z0-9]{14}\.atlasv1\.", r"[\w\-=]{40,}", hint=r"\.atlasv1\."),
    _key("circleci_token", "CCIPAT_", r"\w{22,}"),
    _short("gitea_token", "gto_", "[A-Za-z0-9]{40,}"),
    _key("snyk_token", r"snyk_[a-z]{2,4}\.", r"[\w\-]{6,}\.[\w\-.]{20,}"),
    _short("buildkite_token", "bk[a-z]{2}_", f"{_HEX}{{32,}}"),
    _short("sonar_token", "sq[apu]_", f"{_HEX}{{40}}"),
    _short("sourcegraph_token", "sgp_", r"\w{40,}"),
    _key("postman_key", "PMAK-", f"{_HEX}{{24}}-{_HEX}{{20,}}"),
    _short("octopus_key", "API-", r"[A-Z0-9]{26}\b", "digit"),
    _key("openshift_token", "sha256~", r"[\w\-]{40,}"),
    _key("age_key", "AGE-SECRET-KEY-1", "[A-Z0-9]{40,}"),
    _key("onepassword_key", "ops_eyJ", r"[\w+/\-]{40,}={0,2}"),
    _key("onepassword_key", "A3-[A-Z0-9]{6}-", "[A-Z0-9]{5,11}(?:-[A-Z0-9]{5,6}){3,4}"),
    _short("doppler_token", r"dp\.[a-z]{2,5}\.", r"(?:[\w\-]+\.)?[A-Za-z0-9]{40,}"),
    _short("vault_token", r"hv[sbr]\.", r"[\w\-]{20,}"),
)

_MODELS: Final = (
    Format("anthropic_key", "sk-ant-", r"sk-ant-[A-Za-z0-9]{2,12}-[\w\-]{16,}"),
    Format("openrouter_key", "sk-or-", r"sk-or-v1-[0-9a-f]{16,}"),
    Format(
        "openai_key",
        "sk-[A-Za-z0-9]",
        r"sk-(?:proj|svcacct|admin|None)-[\w\-]{16,}|\bsk-[\w\-]*T3BlbkFJ[\w\-]+",
    ),
    _short("llm_key", "sk-", r"[\w\-]{20,}", "digit"),
    _short(
        "llm_key", r"(?:xai|gsk|pplx|r8|csk|nvapi|tvly|fw|rpa|sess)[\-_]", r"[\w\-]{24,}", "digit"
    ),
    _key("llm_key", "lsv2_[a-z][a-z]_|pcsk_|jina_|tgp_v1_|wandb_v1_|KGAT_", r"[\w\-]{24,}"),
    _short("llm_key", "sk_", f"{_HEX}{{48}}\\b"),
    _short("llm_key", "key_", f"{_HEX}{{64}}\\b"),
    _short("llm_key", "fc-", f"{_HEX}{{32}}\\b"),
    _short("huggingface_token", "hf_|api_org_", "[A-Za-z0-9]{24,}"),
)

_CLOUDS: Final = (
    Format(
        "aws_secret_key",
        r"A(?:K|S)IA[A-Z0-9]",
        r"(?P<keep>A(?:K|S)IA[A-Z0-9]{16}[\"']?[\s,;:/|]{1,3}[\"']?)"
        r"[A-Za-z0-9/+]{40}(?P<rest>[^A-Za-z0-9/+]|$)",
    ),
    Format(
        "aws_access_key",
        r"(?:AK|AS|AB|AC)(?:IA|CA)[A-Z0-9]",
        rf"(?P<keep>{START}|[_m])(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{{16}}\b",
    ),
    _key("aws_bedrock_key", "ABSK|bedrock-api-key-", r"[A-Za-z0-9+/]{40,}={0,2}"),
    _key("aws_mws_token", r"amzn\.mws\.", r"[0-9a-f\-]{32,}"),
    Format(
        "google_key",
        r"AIza|GOCSPX-|ya29\.|\b1//0|\bAQ\.Ab",
        r"AIza[\w\-]{30,}|GOCSPX-[\w\-]{16,}|ya29\.[\w\-.]{20,}|\b1//0[\w\-]{20,}"
        r"|\bAQ\.Ab[\w\-]{30,}",
    ),
    Format("azure_secret", "Q~", r"[\w~.\-]{3}[0-9]Q~[\w~.\-]{24,}"),
    _short("alibaba_key", "LTAI", r"[A-Za-z0-9]{16,}\b"),
    _key("naver_cloud_key", "ncp_iam_", "[A-Za-z0-9]{20,}"),
    _key("digitalocean_token", "do[opr]_v1_", f"{_HEX}{{40,}}"),
    _short("heroku_key", "HRKU-", r"[\w\-]{30,}"),
    _key("fly_token", "fm[0-9][a-z]?_|fo1_", r"[\w+/\-]{40,}={0,3}"),
    _key("cloudflare_key", "cf(?:ut|at|k)_", r"[A-Za-z0-9]{30,}"),
    _short("yandex_key", "AQVN", r"[\w\-]{35,}", "digit"),
    _key("cloudflare_key", r"v1\.0-[0-9a-f]{24}-", "[0-9a-f]{100,}"),
    _key("supabase_key", "sbp_|sb_secret_", r"[\w\-]{20,}"),
    _key("vercel_token", "vercel_blob_rw_", r"[\w\-]{20,}"),
    _short("netlify_token", "nf[a-z]_", "[A-Za-z0-9]{30,}"),
    _short("render_key", "rnd_", "[A-Za-z0-9]{24,}"),
    _short("neon_key", "napi_", "[A-Za-z0-9]{30,}"),
    _short("planetscale_token", r"pscale_[a-z]+_", r"[\w.\-]{20,}"),
    _key("mongodb_secret", "mdb_sa_sk_", r"[\w\-]{30,}"),
    _short("databricks_token", "dapi", r"[0-9a-f]{32}(?:-[0-9])?"),
    _key("tailscale_key", "tskey-", r"[\w\-]{16,}"),
    _short("clickhouse_key", "4b1d", r"[A-Za-z0-9]{38}\b", "mixed"),
)

_TALK: Final = (
    Format(
        "slack_token",
        "xox[a-z]|xapp-",
        r"xox[a-z](?:\.xox[a-z])?-[A-Za-z0-9\-]{10,}|xapp-[A-Za-z0-9\-]{20,}",
    ),
    Format(
        "discord_token",
        r"\b[MNO][\w\-]{22}|\bmfa\.",
        r"\b[MNO][\w\-]{22,27}\.[\w\-]{6,7}\.[\w\-]{25,45}|\bmfa\.[\w\-]{60,}",
    ),
    Format("telegram_token", "[0-9]:AA", r"[0-9]{8,10}:AA[\w\-]{32,}"),
    _key("twilio_key", "SK[0-9a-f]", r"[0-9a-f]{31}\b"),
    Format("twilio_key", "AC[0-9a-f]", r"(?P<keep>\bAC[0-9a-f]{32}:)[0-9a-f]{32}\b"),
    _short("sendgrid_key", r"SG\.", r"[\w\-]{16,}\.[\w\-]{16,}"),
    _short("mail_key", r"key-[0-9a-f]{4}", r"[0-9a-f]{28}\b"),
    _key("mail_key", "[0-9a-f]{32}-us[0-9]", r"[0-9]?\b", hint="[0-9a-f]-us[0-9]"),
    _key(
        "mail_key",
        "[0-9a-f]{32}-[0-9a-f]{8}-",
        r"[0-9a-f]{8}\b",
        hint="[0-9a-f]-[0-9a-f]{8}-[0-9a-f]",
    ),
    _key("mail_key", r"xkeysib-|xsmtpsib-|mlsn\.", r"[\w\-]{32,}"),
    _key("mail_key", "re_[A-Za-z0-9]{8}_", r"[A-Za-z0-9]{16,}\b", "mixed"),
)

_MONEY: Final = (
    _key("stripe_key", "(?:[rsp]k|rak)_(?:live|test|prod|org)_", "[A-Za-z0-9_]{10,}"),
    _key("stripe_key", "whsec_", "[A-Za-z0-9+/=]{16,}"),
    _key("toss_key", "(?:live|test)_g?[sc]k_", r"[A-Za-z0-9]{16,}\b", "mixed"),
    _short("square_token", r"EAAA", r"[\w\-]{50,}", "digit"),
    _short("square_token", "sq0[a-z]{3}-", r"[\w\-]{20,}"),
    _key("paypal_token", r"A21AA|access_token\$(?:production|sandbox)\$", r"[\w$\-]{30,}"),
    _key("flutterwave_key", "FLW(?:SEC|PUB)K[_A-Z]*-", r"[0-9a-zA-Z\-]{12,}"),
    _short("shopify_token", "shp[a-z]{2}_", r"[0-9a-fA-F]{32}"),
    _short("easypost_key", "EZ[AT]K", r"[A-Za-z0-9]{50,}"),
    _key("shippo_token", "shippo_(?:live|test)_", f"{_HEX}{{30,}}"),
    _key("plaid_token", "access-(?:sandbox|development|production)-", _UUID),
)

_WATCH: Final = (
    _key("newrelic_key", "NR(?:AK|II|JS|RA|SP)-", r"[A-Za-z0-9\-]{16,}"),
    Format("newrelic_key", "NRAL", r"\b[0-9a-zA-Z]{32,40}NRAL\b"),
    _key("pagerduty_token", r"pd(?:us|eu)\+", r"[\w+\-]{18,}"),
    _key("sentry_token", "sntry[a-z]_", r"[\w+/=\-]{32,}"),
    _key("grafana_token", "glsa_|glc_|eyJrIjoi", r"[\w+/\-]{30,}={0,3}"),
    _key("dynatrace_token", r"dt0[a-z][0-9]{2}\.", r"[A-Za-z0-9]{20,}\.[A-Za-z0-9]{30,}"),
    _short("honeycomb_key", "hc[a-z]{2,3}_", r"[A-Za-z0-9]{30,}"),
    _short("posthog_key", "ph[cx]_", r"[A-Za-z0-9]{30,}"),
)

_OFFICE: Final = (
    _key("hubspot_token", "pat-(?:na|eu|ap)[0-9]-", _UUID),
    _key("linear_key", "lin_(?:api|oauth|wh)_", r"\w{24,}"),
    _short("notion_token", "ntn_", r"\w{40,}"),
    _short("notion_token", "secret_", r"[A-Za-z0-9]{40,}\b", "mixed"),
    _short("figma_token", "fig[a-z]_", r"[\w\-]{30,}"),
    _short("airtable_token", r"pat[A-Za-z0-9]{14}\.", "[0-9a-f]{60,}"),
    _key("contentful_token", "CFPAT-", r"[\w\-]{30,}"),
    _key("mapbox_token", r"[spt]k\.eyJ", r"[\w\-]{20,}(?:\.[\w\-]{10,})?"),
    _short("facebook_token", "EAA", r"[A-Za-z0-9]{80,}"),
    _short("typeform_token", "tfp_", r"[\w.=\-]{40,}"),
    _short("dropbox_token", r"sl\.", r"[\w\-=.]{100,}"),
    _short("api_key", "rdme_|pnu_|sm_[aps]at_|duffel_(?:live|test)_", r"[\w\-=]{16,}", "digit"),
    _short("api_key", "dnkey-|ico-|fio-u-|tk-us-|p8e-|s-s4t2[a-z]{2}-", r"[\w\-=]{30,}", "digit"),
    _key("maxmind_key", "[A-Za-z0-9]{6}_[A-Za-z0-9]{29}_mmk", r"\b", hint="_mmk"),
)

VENDORS: Final = (
    *_GENERAL[:2],
    *_CODE,
    *_MODELS,
    *_CLOUDS,
    *_TALK,
    *_MONEY,
    *_WATCH,
    *_OFFICE,
    _GENERAL[2],
)
