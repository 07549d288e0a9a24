using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.RegularExpressions;
using Flotilla.Provisioner.Fleet.Clusters;
using Flotilla.Provisioner.Fleet.Projects;
using Flotilla.Provisioner.Fleet.Secrets;
using Microsoft.EntityFrameworkCore;

namespace Flotilla.Provisioner.Fleet.Tests.Clusters;

public sealed partial class KubeconfigIssuerTests : IAsyncLifetime
{
    private FleetFixture fleet = null!;
    private Project project = null!;
    private Cluster cluster = null!;

    public async ValueTask InitializeAsync()
    {
        fleet = await FleetFixture.CreateAsync();
        project = await fleet.AddProjectAsync();
        await fleet.AddMachineAsync();
        var started = await fleet.Get<ClusterCommands>().CreateAsync(new(project.Id, "blue", ClusterPurpose.Personal, 0), Actor.System, default);
        await using var context = fleet.Context();
        cluster = await context.Clusters.SingleAsync(c => c.Id == started.Value!.ClusterId);
        ClusterPki.Ensure(cluster, fleet.Get<SecretBox>(), TimeProvider.System.GetUtcNow());
        await context.SaveChangesAsync();
    }

    public ValueTask DisposeAsync() => fleet.DisposeAsync();

    [Theory]
    [InlineData(ProjectRole.Admin, "system:masters")]
    [InlineData(ProjectRole.Developer, KubeconfigIssuer.DevelopersGroup)]
    [InlineData(ProjectRole.Viewer, KubeconfigIssuer.ViewersGroup)]
    public async Task A_member_gets_a_certificate_of_the_clusters_ca_with_name_and_role(ProjectRole role, string group)
    {
        var user = await fleet.AddUserAsync("ada@example.org");
        await fleet.Get<ProjectCommands>().SetMemberAsync(project.Id, user.UserId!.Value, role, Actor.System, default);

        var issued = (await fleet.Get<KubeconfigIssuer>().IssueAsync(cluster.Id, user, default)).Value!;

        Assert.Contains("server: https://127.0.0.1:6443", issued.Yaml);
        Assert.Contains($"tls-server-name: {cluster.ServerName}", issued.Yaml);
        using var certificate = X509Certificate2.CreateFromPem(Data(issued.Yaml, "client-certificate-data"), Data(issued.Yaml, "client-key-data"));
        Assert.Contains("CN=ada@example.org", certificate.Subject);
        Assert.Contains($"O={group}", certificate.Subject);
        Assert.Equal(issued.ExpiresAt.ToUnixTimeSeconds(), new DateTimeOffset(certificate.NotAfter.ToUniversalTime()).ToUnixTimeSeconds());
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.CustomTrustStore.Add(X509Certificate2.CreateFromPem(cluster.CaCertificate));
        Assert.True(chain.Build(certificate));
    }

    [Fact]
    public async Task A_stranger_gets_none() => Assert.Equal(
        "cluster.not-found", (await fleet.Get<KubeconfigIssuer>().IssueAsync(cluster.Id, await fleet.AddUserAsync("eve"), default)).Error?.Code);

    [Fact]
    public async Task Before_the_control_plane_has_its_keys_there_is_none()
    {
        await using var context = fleet.Context();
        await context.Clusters.ExecuteUpdateAsync(set => set.SetProperty(c => c.CaKey, (byte[]?)null));

        Assert.Equal("cluster.not-ready", (await fleet.Get<KubeconfigIssuer>().IssueAsync(cluster.Id, Actor.System, default)).Error?.Code);
    }

    private static string Data(string yaml, string key) =>
        Encoding.UTF8.GetString(Convert.FromBase64String(Entry().Matches(yaml).Single(match => match.Groups["key"].Value == key).Groups["value"].Value));

    [GeneratedRegex(@"(?<key>[a-z-]+-data): (?<value>\S+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Entry();
}
