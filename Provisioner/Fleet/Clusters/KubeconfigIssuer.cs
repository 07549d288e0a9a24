using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Flotilla.Provisioner.Fleet.Audit;
using Flotilla.Provisioner.Fleet.Projects;
using Flotilla.Provisioner.Fleet.Secrets;
using Microsoft.EntityFrameworkCore;

namespace Flotilla.Provisioner.Fleet.Clusters;

/// <summary>A kubeconfig's text and when its certificate ends.</summary>
public sealed record IssuedKubeconfig(string Yaml, DateTimeOffset ExpiresAt);

/// <summary>
/// Kubeconfigs with a client certificate of the cluster's own CA: CN is the user, O the groups. Project admins are
/// <c>system:masters</c>; developers and viewers are in groups that the cluster binds to <c>edit</c> and <c>view</c>.
/// </summary>
public sealed class KubeconfigIssuer(IDbContextFactory<FleetDbContext> contexts, SecretBox secrets, TimeProvider clock)
{
    public const string DevelopersGroup = "flotilla:developers";
    public const string ViewersGroup = "flotilla:viewers";

    public static TimeSpan Lifetime { get; } = TimeSpan.FromDays(7);

    /// <param name="server"><c>https://host:port</c> of the gateway; null takes what the machine registered.</param>
    public async Task<Outcome<IssuedKubeconfig>> IssueAsync(
        string clusterId, Actor actor, CancellationToken cancellationToken, string? server = null)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var cluster = await context.Clusters.Include(c => c.Machine).Include(c => c.Project)
            .SingleOrDefaultAsync(c => c.Id == clusterId, cancellationToken);
        var role = cluster is null ? null : await ProjectAccess.RoleAsync(context, cluster.ProjectId, actor, cancellationToken);
        if (cluster is null || role is null) { return new FleetError("cluster.not-found", "There is no such cluster."); }
        if (cluster.CaCertificate is null || cluster.CaKey is null)
        {
            return new FleetError("cluster.not-ready", "The cluster's control plane has not started yet.");
        }
        var certificate = Sign(cluster, actor.Name, [Group(role.Value)], Lifetime);
        context.Audit(actor, clock, "cluster.kubeconfig", cluster.Name, cluster.ProjectId);
        await context.SaveChangesAsync(cancellationToken);
        var yaml = Render(cluster, server ?? $"https://{cluster.Machine!.GatewayEndpoint}", cluster.ServerName, actor.Name, certificate);
        return new IssuedKubeconfig(yaml, certificate.ExpiresAt);
    }

    /// <summary>For the platform's own clients, straight to a master's address.</summary>
    public string IssueForPlatform(Cluster cluster, string userName, string server, TimeSpan lifetime) =>
        Render(cluster, server, null, userName, Sign(cluster, userName, ["system:masters"], lifetime));

    /// <summary>For a node's agent, in the names the Node authorizer knows.</summary>
    public string IssueForNode(Cluster cluster, string nodeName, string server, TimeSpan lifetime)
    {
        var userName = $"system:node:{nodeName}";
        return Render(cluster, server, null, userName, Sign(cluster, userName, ["system:nodes"], lifetime));
    }

    private static string Group(ProjectRole role) => role switch
    {
        ProjectRole.Admin => "system:masters",
        ProjectRole.Developer => DevelopersGroup,
        _ => ViewersGroup,
    };

    private ClientCertificate Sign(Cluster cluster, string userName, IEnumerable<string> groups, TimeSpan lifetime)
    {
        using var caCertificate = X509Certificate2.CreateFromPem(cluster.CaCertificate);
        using var caKey = ECDsa.Create();
        caKey.ImportFromPem(secrets.Unseal(cluster.CaKey, CaKeyPurpose(cluster.Id)));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(Subject(userName, groups), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.2")], false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(caCertificate, true, false));
        // Clocks differ a little: valid from five minutes ago, and never longer than the CA.
        var now = clock.GetUtcNow();
        var end = Min(now + lifetime, new DateTimeOffset(caCertificate.NotAfter.ToUniversalTime()));
        using var certificate = request.Create(
            caCertificate.SubjectName, X509SignatureGenerator.CreateForECDsa(caKey), now.AddMinutes(-5), end, RandomNumberGenerator.GetBytes(16));
        return new(certificate.ExportCertificatePem(), key.ExportECPrivateKeyPem(), end);
    }

    public static string CaKeyPurpose(string clusterId) => $"cluster {clusterId} ca.key";

    private static X500DistinguishedName Subject(string userName, IEnumerable<string> groups)
    {
        var subject = new X500DistinguishedNameBuilder();
        foreach (var group in groups) { subject.AddOrganizationName(group); }
        subject.AddCommonName(userName);
        return subject.Build();
    }

    private static DateTimeOffset Min(DateTimeOffset left, DateTimeOffset right) => left < right ? left : right;

    private static string Render(Cluster cluster, string server, string? serverName, string userName, ClientCertificate certificate)
    {
        var context = cluster.Project is { } project ? $"{project.Name}-{cluster.Name}" : cluster.Id;
        var tlsServerName = serverName is null ? "" : $"\n    tls-server-name: {serverName}";
        return $"""
            apiVersion: v1
            kind: Config
            clusters:
            - name: {context}
              cluster:
                server: {server}
                certificate-authority-data: {Base64(cluster.CaCertificate!)}{tlsServerName}
            users:
            - name: "{userName.Replace("\"", "")}@{context}"
              user:
                client-certificate-data: {Base64(certificate.CertificatePem)}
                client-key-data: {Base64(certificate.KeyPem)}
            contexts:
            - name: {context}
              context:
                cluster: {context}
                user: "{userName.Replace("\"", "")}@{context}"
            current-context: {context}

            """;
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private sealed record ClientCertificate(string CertificatePem, string KeyPem, DateTimeOffset ExpiresAt);
}
