module github.com/ductile-go/ductile/examples

go 1.26

require github.com/ductile-go/ductile v0.1.0

require golang.org/x/time v0.15.0 // indirect

replace github.com/ductile-go/ductile => ../
