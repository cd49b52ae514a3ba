//! How a folder becomes an adapter.

/// Makes every folder that is named a module, and all of them `all()`.
macro_rules! register {
    ($($tier:ident $code:ident;)*) => {
        $(register!(@ $tier $code);)*

        /// Every insurer, sorted by code.
        pub fn all() -> &'static [&'static dyn Adapter] {
            static ALL: std::sync::LazyLock<Vec<&'static dyn Adapter>> =
                std::sync::LazyLock::new(|| vec![$($code::adapter()),*]);
            &ALL
        }

        /// The texts of every insurer that is a spec: `manifest.toml` and `insurer.toml`.
        pub fn specs() -> impl Iterator<Item = (&'static str, &'static str)> {
            [$(register!(@texts $tier $code)),*].into_iter().flatten()
        }
    };
    (@texts rust $code:ident) => {
        None
    };
    (@texts spec $code:ident) => {
        Some((
            include_str!(concat!(stringify!($code), "/manifest.toml")),
            include_str!(concat!(stringify!($code), "/insurer.toml")),
        ))
    };
    (@ rust $code:ident) => {
        mod $code;
    };
    (@ spec $code:ident) => {
        mod $code {
            use std::sync::LazyLock;

            use veer_contract::Adapter;
            use veer_spec::Spec;

            static SPEC: LazyLock<Spec> = LazyLock::new(|| {
                crate::spec(
                    stringify!($code),
                    include_str!(concat!(stringify!($code), "/manifest.toml")),
                    include_str!(concat!(stringify!($code), "/insurer.toml")),
                )
            });

            /// The adapter.
            pub(crate) fn adapter() -> &'static dyn Adapter {
                &*SPEC
            }
        }
    };
}
