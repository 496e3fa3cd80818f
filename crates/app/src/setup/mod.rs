//! `spile setup`: what whoever owns a bucket has to do to let Spile in.

mod args;
mod reading;

use spile_store_s3::access::{ExternalId, IamName, RoleArn, Trust};
use spile_store_s3::setup::{AccessDocument, Guide, Holder, Method, RoleMethod, TrustDocument};

use self::args::{DocumentArgs, GuideArgs, HolderArgs, MethodArg, PolicyArgs, TrustArgs};
pub(crate) use self::args::{HELP, SetupArgs};
use self::reading::{read, read_grant, read_if};
use crate::config::{ConfigFault, ConfigFaults};
use crate::failure::{Exit, Failure};
use crate::terminal;

pub(crate) fn run(args: &SetupArgs) -> Result<Exit, Failure> {
    let text = match &args.document {
        None => guide(&args.guide)?,
        Some(DocumentArgs::ExternalId) => ExternalId::fresh().expose().to_owned(),
        Some(DocumentArgs::Policy(args)) => policy(args)?,
        Some(DocumentArgs::Trust(args)) => trust(args)?,
    };
    terminal::print(&text)
}

fn guide(args: &GuideArgs) -> Result<String, ConfigFaults> {
    let mut faults = ConfigFaults::default();
    let arn: Option<RoleArn> = read_if(&mut faults, "--role-arn", args.role_arn.as_deref());
    let of_role = arn.as_ref().map(|arn| ("--role-arn", arn.partition()));
    let grant = read_grant(&mut faults, &args.grant, of_role);
    let method = match args.holder.method {
        MethodArg::Role => role_method(&mut faults, args, arn).map(Method::Role),
        MethodArg::AccessKey => {
            refuse_flags_of_roles(&mut faults, args);
            read(&mut faults, "--name", &args.holder.name).map(Method::AccessKey)
        }
    };
    let guide = grant.zip(method).map(|(grant, method)| Guide {
        grant,
        method,
        form: args.form.form.into(),
    });
    Ok(faults.or(guide)?.text())
}

fn role_method(
    faults: &mut ConfigFaults,
    args: &GuideArgs,
    arn: Option<RoleArn>,
) -> Option<RoleMethod> {
    let account = read_if(faults, "--account", args.account.as_deref());
    let external_id = match &args.external_id {
        Some(text) => read(faults, "--external-id", &text.0),
        None => Some(ExternalId::fresh()),
    };
    let name = match &arn {
        Some(arn) => Some(arn.name().clone()),
        None => read(faults, "--name", &args.holder.name),
    };
    Some(RoleMethod {
        name: name?,
        arn,
        account,
        external_id: external_id?,
    })
}

/// What is given is used, or refused.
fn refuse_flags_of_roles(faults: &mut ConfigFaults, args: &GuideArgs) {
    let given = [
        ("--account", args.account.is_some()),
        ("--external-id", args.external_id.is_some()),
        ("--role-arn", args.role_arn.is_some()),
    ];
    for (flag, _) in given.into_iter().filter(|(_, is_given)| *is_given) {
        let fault = ConfigFault::new(
            flag,
            "a user with an access key isn't taken on as roles are",
        );
        faults.note(fault.hint("leave it out, or choose --method role"));
    }
}

fn policy(args: &PolicyArgs) -> Result<String, ConfigFaults> {
    let mut faults = ConfigFaults::default();
    let grant = read_grant(&mut faults, &args.grant, None);
    let holder = holder(&mut faults, &args.holder);
    let document = grant
        .zip(holder)
        .map(|(grant, holder)| AccessDocument { grant, holder });
    Ok(faults.or(document)?.text(args.form.form.into()))
}

fn holder(faults: &mut ConfigFaults, args: &HolderArgs) -> Option<Holder> {
    let name: IamName = read(faults, "--name", &args.name)?;
    Some(match args.method {
        MethodArg::Role => Holder::Role(name),
        MethodArg::AccessKey => Holder::User(name),
    })
}

fn trust(args: &TrustArgs) -> Result<String, ConfigFaults> {
    let mut faults = ConfigFaults::default();
    let account = read(&mut faults, "--account", &args.account);
    let external_id = read(&mut faults, "--external-id", &args.external_id.0);
    let partition = read_if(&mut faults, "--partition", args.partition.as_deref());
    let role = read(&mut faults, "--name", &args.name);
    let document = account.zip(external_id).zip(role);
    let document = document.map(|((account, external_id), role)| TrustDocument {
        trust: Trust {
            partition: partition.unwrap_or_default(),
            account,
            external_id,
        },
        role,
    });
    Ok(faults.or(document)?.text(args.form.form.into()))
}
