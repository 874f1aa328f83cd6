/** Version of this command line; a test keeps it equal to package.json and Cargo.toml. */
export const VERSION = "0.1.0";
