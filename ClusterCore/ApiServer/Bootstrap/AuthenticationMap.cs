using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Authentication;
using Flotilla.ClusterCore.ApiServer.Certificates;

namespace Flotilla.ClusterCore.ApiServer.Bootstrap;

/// <summary>
/// Where other API servers, schedulers and controller managers of the cluster read whom this one believes, to believe the same.
/// </summary>
internal static class AuthenticationMap
{
    public static JsonObject Object(ClusterPki pki)
    {
        var obj = FirstObjects.Object("v1", "ConfigMap", "extension-apiserver-authentication");
        obj["metadata"]!["namespace"] = "kube-system";
        obj["data"] = new JsonObject
        {
            ["client-ca-file"] = pki.AuthorityPem,
            ["requestheader-allowed-names"] = List(Authenticator.FrontProxy),
            ["requestheader-client-ca-file"] = pki.FrontProxyAuthority.ExportCertificatePem() + "\n",
            ["requestheader-extra-headers-prefix"] = List(Authenticator.ProxyExtraPrefix),
            ["requestheader-group-headers"] = List(Authenticator.ProxyGroup),
            ["requestheader-uid-headers"] = List(Authenticator.ProxyUid),
            ["requestheader-username-headers"] = List(Authenticator.ProxyUser),
        };
        return obj;
    }

    private static string List(string value) => new JsonArray(value).ToJsonString();
}
