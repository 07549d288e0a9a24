using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Flotilla.ClusterCore.ApiServer.Certificates;

/// <summary>
/// Every key of one cluster, under <c>pki/</c> of its data directory: made at the first start, kept after. A directory that
/// already holds <c>ca.crt</c> and <c>ca.key</c> is used as it is.
/// </summary>
public sealed class ClusterPki : IDisposable
{
    private static readonly TimeSpan renewBefore = TimeSpan.FromDays(30);
    private readonly CertificateFiles files;
    private readonly CertificateAuthority authority;
    private readonly TimeProvider clock;

    private ClusterPki(string directory, IReadOnlyCollection<string> serverNames, TimeProvider clock)
    {
        this.clock = clock;
        files = new(directory);
        var root = LoadOrCreateRoot("ca", "kubernetes-ca");
        authority = new(root, clock);
        FrontProxyAuthority = LoadOrCreateRoot("front-proxy-ca", "front-proxy-ca");
        Server = LoadOrIssue("apiserver", existing => Names(existing).IsSupersetOf(serverNames), () => authority.IssueServer("kube-apiserver", serverNames));
        KubeletClient = LoadOrIssue("kubelet-client", _ => true, () => authority.IssueClient("kube-apiserver-kubelet-client", "system:masters"));
        FrontProxyClient = LoadOrIssue("front-proxy-client", _ => true, () => new CertificateAuthority(FrontProxyAuthority, clock).IssueClient("front-proxy-client"));
        ServiceAccountKey = files.LoadOrCreateKey("sa.key", "sa.pub");
    }

    public X509Certificate2 Authority => authority.Certificate;

    public X509Certificate2 FrontProxyAuthority { get; }

    public X509Certificate2 FrontProxyClient { get; }

    public X509Certificate2 Server { get; }

    /// <summary>What this server shows when it dials a node's kubelet.</summary>
    public X509Certificate2 KubeletClient { get; }

    public ECDsa ServiceAccountKey { get; }

    public string AuthorityPem => Authority.ExportCertificatePem() + "\n";

    public string AuthorityKeyPem => Authority.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem() + "\n";

    public static ClusterPki LoadOrCreate(string directory, IReadOnlyCollection<string> serverNames, TimeProvider clock) =>
        new(directory, serverNames, clock);

    public X509Certificate2 IssueClient(string user, params IEnumerable<string> groups) => authority.IssueClient(user, groups);

    public void Dispose()
    {
        Authority.Dispose();
        FrontProxyAuthority.Dispose();
        FrontProxyClient.Dispose();
        Server.Dispose();
        KubeletClient.Dispose();
        ServiceAccountKey.Dispose();
    }

    private X509Certificate2 LoadOrCreateRoot(string name, string commonName) =>
        LoadOrIssue(name, _ => true, () => CertificateAuthority.CreateSelfSigned(commonName, clock));

    private X509Certificate2 LoadOrIssue(string name, Predicate<X509Certificate2> isGood, Func<X509Certificate2> issue)
    {
        if (files.LoadPair(name) is { } existing)
        {
            if (isGood(existing) && existing.NotAfter.ToUniversalTime() > (clock.GetUtcNow() + renewBefore).UtcDateTime) { return existing; }
            existing.Dispose();
        }

        var issued = issue();
        files.SavePair(name, issued);
        return issued;
    }

    private static HashSet<string> Names(X509Certificate2 certificate)
    {
        var extension = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault();
        return extension is null
            ? []
            : [.. extension.EnumerateDnsNames(), .. extension.EnumerateIPAddresses().Select(address => address.ToString())];
    }
}
