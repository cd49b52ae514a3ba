//! How a folder becomes a wire.

/// Makes every folder that is named a module, and all of them one [`Wire`](crate::Wire).
macro_rules! wires {
    (
        insurers { $($(#[$doc:meta])* $name:ident $folder:ident;)+ }
        sources { $($(#[$source_doc:meta])* $source:ident $source_folder:ident;)+ }
    ) => {
        $(pub(crate) mod $folder;)+
        $(pub(crate) mod $source_folder;)+

        /// The wire formats, those of insurers first.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Wire {
            $($(#[$doc])* $name,)+
            $($(#[$source_doc])* $source,)+
        }

        /// An insurer with what its wire has to remember.
        #[derive(Clone)]
        pub(crate) enum State {
            $($name(actix_web::web::Data<$folder::Insurer>),)+
            $($source(actix_web::web::Data<$source_folder::Insurer>),)+
        }

        // === impl State ===

        impl State {
            pub(crate) fn new(company: std::sync::Arc<crate::company::Company>) -> Self {
                use actix_web::web::Data;
                match company.wire {
                    $(Wire::$name => Self::$name(Data::new(<$folder::Insurer as Speaks>::new(company))),)+
                    $(Wire::$source => Self::$source(Data::new(<$source_folder::Insurer as Speaks>::new(company))),)+
                }
            }

            /// Puts the wire's paths into an application.
            pub(crate) fn configure(&self, config: &mut actix_web::web::ServiceConfig) {
                match self {
                    $(Self::$name(insurer) => {
                        <$folder::Insurer as Speaks>::configure(config.app_data(insurer.clone()));
                    })+
                    $(Self::$source(insurer) => {
                        <$source_folder::Insurer as Speaks>::configure(config.app_data(insurer.clone()));
                    })+
                }
            }
        }

        // === impl Wire ===

        impl Wire {
            /// The wires of insurers.
            pub const INSURERS: &[Wire] = &[$(Wire::$name),+];
            /// The wires of sources, which know vehicles and sell nothing.
            pub const SOURCES: &[Wire] = &[$(Wire::$source),+];

            /// Every wire.
            pub fn all() -> impl Iterator<Item = Wire> {
                Self::INSURERS.iter().chain(Self::SOURCES).copied()
            }

            /// Its name, which is the code of the insurer that speaks it.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Wire::$name => stringify!($folder),)+
                    $(Wire::$source => stringify!($source_folder),)+
                }
            }

            /// What an insurer of this wire is asked for, by the names of the journal; logins are left out, for
            /// faults do not hit them.
            pub fn operations(self) -> Vec<&'static str> {
                let operations = match self {
                    $(Wire::$name => <$folder::Insurer as Speaks>::OPERATIONS,)+
                    $(Wire::$source => <$source_folder::Insurer as Speaks>::OPERATIONS,)+
                };
                operations.iter().map(|operation| operation.name).collect()
            }

            pub(crate) fn names(self) -> (&'static str, &'static str) {
                match self {
                    $(Wire::$name => <$folder::Insurer as Speaks>::NAMES,)+
                    $(Wire::$source => <$source_folder::Insurer as Speaks>::NAMES,)+
                }
            }

            pub(crate) fn writing(self) -> Writing {
                match self {
                    $(Wire::$name => <$folder::Insurer as Speaks>::WRITING,)+
                    $(Wire::$source => <$source_folder::Insurer as Speaks>::WRITING,)+
                }
            }

            pub(crate) fn is_mutual_tls(self) -> bool {
                match self {
                    $(Wire::$name => <$folder::Insurer as Speaks>::MUTUAL_TLS,)+
                    $(Wire::$source => <$source_folder::Insurer as Speaks>::MUTUAL_TLS,)+
                }
            }

            pub(crate) fn technical_error(self) -> crate::exchange::Reply {
                match self {
                    $(Wire::$name => <$folder::Insurer as Speaks>::technical_error(),)+
                    $(Wire::$source => <$source_folder::Insurer as Speaks>::technical_error(),)+
                }
            }

            pub(crate) fn registry_down(self, operation: &str) -> crate::exchange::Reply {
                match self {
                    $(Wire::$name => <$folder::Insurer as Speaks>::registry_down(operation),)+
                    $(Wire::$source => <$source_folder::Insurer as Speaks>::registry_down(operation),)+
                }
            }

            pub(crate) fn settings(
                self,
                credentials: &crate::company::Credentials,
            ) -> Vec<(&'static str, String)> {
                match self {
                    $(Wire::$name => <$folder::Insurer as Speaks>::settings(credentials),)+
                    $(Wire::$source => <$source_folder::Insurer as Speaks>::settings(credentials),)+
                }
            }

            pub(crate) fn notice(
                self,
                request: reqwest::RequestBuilder,
                secret: &str,
                order: &str,
                application: &str,
            ) -> Option<reqwest::RequestBuilder> {
                match self {
                    $(Wire::$name => <$folder::Insurer as Speaks>::notice(request, secret, order, application),)+
                    $(Wire::$source => <$source_folder::Insurer as Speaks>::notice(request, secret, order, application),)+
                }
            }
        }
    };
}
