//! Spile's configuration as text: settings, and comments on them.

use super::config::{Auth, Config};
use super::format::Written;
use super::keys::Keys;
use super::page::{Page, quoted};
use super::sample::{LOADED, NAMESPACE, STREAM};

/// The environment's names of what isn't copied.
const AUTH: &str = "SPILE_DESTINATION__AUTH__";

pub(super) fn text(config: &Config, keys: &Keys, written: &Written) -> String {
    let mut page = Page::default();
    page.comment(
        "Made by `spile import airbyte` of the configuration of an S3 destination of Airbyte.",
    );
    samples(&mut page, keys);
    destination(&mut page, config, keys, written);
    if let Some(compression) = written.parquet {
        page.table("destination.parquet");
        page.text("compression", compression);
    }
    auth(&mut page, config);
    notes(&mut page, written);
    page.into_text()
}

fn samples(page: &mut Page, keys: &Keys) {
    page.aside("");
    page.comment(&format!(
        "The first two objects of a stream `{STREAM}` in the namespace `{NAMESPACE}`, loaded at {LOADED}:"
    ));
    let [of_airbyte, of_spile] = &keys.samples;
    for (of_airbyte, of_spile) in of_airbyte.iter().zip(of_spile) {
        page.aside("");
        page.aside(&format!("  Airbyte  {of_airbyte}"));
        page.aside(&format!("  Spile    {of_spile}"));
    }
}

fn destination(page: &mut Page, config: &Config, keys: &Keys, written: &Written) {
    page.table("destination");
    page.text("url", &keys.url);
    page.text("key_syntax", "airbyte");
    page.text("key", &keys.key);
    match &keys.own {
        Ok(own) => {
            page.comment("The same in Spile's own syntax, for which key_syntax has to go:");
            page.aside(&format!("key = {}", quoted(own)));
        }
        Err(why) => page.comment(&format!("Can't {why}.")),
    }
    page.text("format", written.format.extension());
    if let Some(region) = config.region() {
        page.text("region", region);
    }
    if let Some(endpoint) = config.endpoint() {
        let has_scheme = endpoint.contains("://");
        let scheme = if has_scheme { "" } else { "https://" };
        page.text("endpoint", &format!("{scheme}{endpoint}"));
        if endpoint.starts_with("http://") {
            page.truth("allow_http");
        }
    }
}

fn auth(page: &mut Page, config: &Config) {
    page.table("destination.auth");
    match config.auth() {
        Auth::AccessKey => {
            page.comment(&format!(
                "Secrets aren't copied: set {AUTH}ACCESS_KEY_ID and {AUTH}SECRET_ACCESS_KEY in the \
                 environment."
            ));
            page.text("method", "access_key");
        }
        Auth::Role(arn) => {
            page.comment(&format!(
                "Secrets aren't copied: set {AUTH}EXTERNAL_ID in the environment. Airbyte has the \
                 External ID in AWS_ASSUME_ROLE_EXTERNAL_ID; in its cloud, it is the workspace's id."
            ));
            page.text("method", "cross_account_role");
            page.text("role_arn", arn);
        }
        Auth::Machine => page.text("method", "default_chain"),
    }
}

fn notes(page: &mut Page, written: &Written) {
    page.blank();
    page.comment("What is different from Airbyte, as of version 1.5 of its destination:");
    for loss in &written.losses {
        page.item(loss);
    }
    for remark in &written.remarks {
        page.item(remark);
    }
    page.item(
        "Rows have none of Airbyte's own columns, such as `_airbyte_raw_id`. From a source that speaks \
         Airbyte's protocol, `airbyte.envelope` adds them.",
    );
    page.item(
        "In names of streams and namespaces, Airbyte writes `_` for many characters. Spile keeps \
         them, but for `/`, `\\`, `%` and control characters, which become %2F and so on.",
    );
    page.item("Spile keeps records of its runs below `_spile/` in the destination.");
}
