/// How the text of a template is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum KeySyntax {
    /// Spile's own: `{namespace?}/{stream_name}.{extension}`.
    #[default]
    Spile,
    /// That of Airbyte's S3 destination: `${NAMESPACE}/${STREAM_NAME}{format_extension}`; see
    /// [`airbyte`](crate::airbyte).
    Airbyte,
}

impl KeySyntax {
    /// The names of all, as a configuration has them.
    pub const NAMES: [&str; 2] = ["spile", "airbyte"];

    /// The syntax of this name.
    ///
    /// ```
    /// use spile_macros_template::KeySyntax;
    ///
    /// assert_eq!(KeySyntax::named("airbyte"), Some(KeySyntax::Airbyte));
    /// assert_eq!(KeySyntax::named("jinja"), None);
    /// ```
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "spile" => Some(Self::Spile),
            "airbyte" => Some(Self::Airbyte),
            _ => None,
        }
    }
}
