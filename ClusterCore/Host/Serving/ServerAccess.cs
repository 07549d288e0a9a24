using Flotilla.ClusterCore.ApiServer;
using Flotilla.ClusterCore.Client;

namespace Flotilla.ClusterCore.Host.Serving;

/// <summary>How scheduler and controllers reach their API server, and what of its keys the controllers hand out.</summary>
/// <param name="Contended">Others may do the same work: the leases say who does.</param>
internal sealed record ServerAccess(Func<string, ApiClient> Connect, bool Contended, string? RootCertificate, string? SigningCertificate, string? SigningKey)
{
    /// <summary>The server in this process: each component has an identity of its own.</summary>
    public static ServerAccess Of(ApiServerInstance server, bool contended) => new(
        component => new(new(server.LocalHandler($"system:{component}")), server.Addresses[0]) { UserAgent = component },
        contended, server.Pki.AuthorityPem, server.Pki.AuthorityPem, server.Pki.AuthorityKeyPem);

    /// <summary>The server that the kubeconfig names, as whom it says. Pods trust the authority that it trusts.</summary>
    public static ServerAccess Of(ServeOptions options)
    {
        var kubeconfig = Kubeconfig.Load(options.Kubeconfig!);
        return new(
            component => ApiClient.Create(kubeconfig, component), Contended: true, kubeconfig.CertificateAuthority,
            Text(options.SigningCertificate), Text(options.SigningKey));
    }

    private static string? Text(string? file) => file is null ? null : File.ReadAllText(file);
}
