package ductilegrpc

import (
	"strings"

	"google.golang.org/grpc"
)

// ByTarget is a key for [Key]: one pipeline for all methods of a target, as "dns:///inventory:443".
func ByTarget(cc *grpc.ClientConn, _ string) string {
	if cc == nil {
		return ""
	}
	return cc.CanonicalTarget()
}

// ByService is a key for [Key]: one pipeline for the methods of each service of a target.
func ByService(cc *grpc.ClientConn, method string) string {
	return ByTarget(cc, method) + service(method)
}

// ByMethod is what keys are unless [Key] says otherwise: one pipeline for each method of a target.
func ByMethod(cc *grpc.ClientConn, method string) string {
	return ByTarget(cc, method) + method
}

// service returns "/shop.Inventory/" of "/shop.Inventory/Get".
func service(method string) string { return method[:strings.LastIndexByte(method, '/')+1] }
