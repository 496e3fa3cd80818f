//! How a store is to know who asks.

use crate::credentials;
use crate::settings_schema::setting::{Kind, Method, Sample, Setting};

pub(super) const AUTH: Setting = Setting::new(
    "auth",
    Kind::OneOf {
        by: &METHOD,
        methods: METHODS,
    },
    "Authentication",
    "How the store is to know who asks.",
);

// Spile itself can tell the method by what is given. Forms can't: a schema needs it.
const METHOD: Setting = Setting::new(
    "method",
    Kind::Choice(&credentials::METHODS),
    "Method",
    "Where credentials come from. Otherwise the settings beside it tell.",
);

const METHODS: &[Method] = &[
    Method {
        name: "cross_account_role",
        title: "Role of another account",
        description: "A role that the owner of the bucket grants, with an External ID.",
        settings: &[
            Setting::new("role_arn", Kind::Text, "Role ARN", "The role to take on.")
                .example(Sample::Text("arn:aws:iam::222222222222:role/spile"))
                .required(),
            // Not required: a role of one's own account has none.
            Setting::new(
                "external_id",
                Kind::Secret,
                "External ID",
                "What the role's trust policy asks for. It is needed, unless roles without one are \
                 allowed.",
            )
            .example(Sample::Text("6f1c7a52-9d1c-4c62-a5b3-52b1f5f7a0c4")),
            Setting::new(
                "allow_no_external_id",
                Kind::Flag,
                "Allow no External ID",
                "Allows a role without an External ID, such as one of your own account.",
            )
            .default(Sample::Flag(false)),
            Setting::new(
                "session_policy",
                Kind::Choice(&["none", "prefix"]),
                "Session policy",
                "Whether sessions are narrowed to the destination's bucket and prefix.",
            )
            .default(Sample::Text("none")),
            Setting::new(
                "duration",
                Kind::Span,
                "Duration",
                "How long a session lasts before it is renewed.",
            )
            .default(Sample::Text("1h")),
            Setting::new(
                "session_name",
                Kind::Text,
                "Session name",
                "The session's name in the records of the role's account. Otherwise it is made of \
                 the ids of connection and run.",
            )
            .example(Sample::Text("spile-acme")),
            Setting::new(
                "sts_region",
                Kind::Text,
                "Region of STS",
                "Where the role is asked for. Otherwise it is the bucket's region, where that is \
                 set.",
            )
            .example(Sample::Text("eu-west-1")),
            Setting::new(
                "sts_endpoint",
                Kind::Text,
                "Endpoint of STS",
                "The URL of STS, where it isn't that of AWS.",
            )
            .example(Sample::Text("https://sts.example.com")),
            Setting::new(
                "base",
                Kind::Choice(&credentials::BASES),
                "Base credentials",
                "Who asks for the role. Otherwise it is the key, the profile or the command that \
                 is given here, or else the default chain.",
            )
            .example(Sample::Text("web_identity")),
            ACCESS_KEY_ID,
            SECRET_ACCESS_KEY,
            SESSION_TOKEN,
            PROFILE,
            CREDENTIAL_PROCESS,
        ],
    },
    Method {
        name: "access_key",
        title: "Access key",
        description: "The access key of a user.",
        settings: &[
            ACCESS_KEY_ID.required(),
            SECRET_ACCESS_KEY.required(),
            SESSION_TOKEN,
        ],
    },
    Method {
        name: "default_chain",
        title: "Default chain",
        description: "What the machine has: its environment, a profile, a web identity, the role \
                      of a container or of the machine. Nothing has to be given.",
        settings: &[
            Setting::new(
                "base",
                Kind::Choice(&[
                    "default_chain",
                    "environment",
                    "profile",
                    "web_identity",
                    "container",
                    "machine",
                    "command",
                ]),
                "One link of the chain",
                "The only place to look for credentials. Otherwise it is the profile or the \
                 command that is given here, or else all of the chain.",
            )
            .example(Sample::Text("machine")),
            PROFILE,
            CREDENTIAL_PROCESS,
        ],
    },
];

const ACCESS_KEY_ID: Setting = Setting::new(
    "access_key_id",
    Kind::Text,
    "Access key ID",
    "The access key's id.",
)
.example(Sample::Text("AKIAIOSFODNN7EXAMPLE"));

const SECRET_ACCESS_KEY: Setting = Setting::new(
    "secret_access_key",
    Kind::Secret,
    "Secret access key",
    "The access key's secret.",
)
.example(Sample::Text("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"));

const SESSION_TOKEN: Setting = Setting::new(
    "session_token",
    Kind::Secret,
    "Session token",
    "The token of a key that holds for a while.",
)
.example(Sample::Text("AQoDYXdzEJr"));

const PROFILE: Setting = Setting::new(
    "profile",
    Kind::Text,
    "Profile",
    "A profile of AWS's own files on the machine, also one of SSO.",
)
.example(Sample::Text("landing"));

// A command line may hold a password.
const CREDENTIAL_PROCESS: Setting = Setting::new(
    "credential_process",
    Kind::Secret,
    "Credential process",
    "A shell command that prints credentials as JSON, as the setting of that name in AWS's files.",
)
.example(Sample::Text("vault-credentials --json"));
