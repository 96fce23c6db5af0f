//go:build goexperiment.runtimesecret

package arch

// secretMode says that the program was built with package runtime/secret.
const secretMode = true
