using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Flotilla.ClusterCore.ApiServer.Tests.Certificates;

[Collection(ServerCollection.Name)]
public sealed class SigningRequestTests(RunningServer server) : IAsyncLifetime
{
    private readonly string path = $"/apis/certificates.k8s.io/v1/certificatesigningrequests/{Guid.NewGuid():N}";

    public async ValueTask InitializeAsync()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var pem = new CertificateRequest("CN=robot", key, HashAlgorithmName.SHA256).CreateSigningRequestPem();
        var made = await server.CreateAsync(path[..path.LastIndexOf('/')], $$$"""
            {"metadata":{"name":"{{{path.Split('/')[^1]}}}"},"spec":{"request":"{{{Convert.ToBase64String(Encoding.UTF8.GetBytes(pem))}}}","signerName":"example.com/robots","usages":["client auth"]}}
            """);
        Assert.Equal(201, made.Code);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Approval_takes_conditions_and_metadata_and_stamps_them()
    {
        var approved = await server.PatchAsync(
            $"{path}/approval",
            """{"metadata":{"annotations":{"by":"me"}},"spec":{"username":"other"},"status":{"certificate":"YQ==","conditions":[{"type":"Approved","status":"True","reason":"r"}]}}""");
        Assert.Equal((200, "me", "Approved", "kubernetes-admin", ""), (approved.Code, approved["metadata.annotations.by"], approved["status.conditions.0.type"], approved["spec.username"], approved["status.certificate"]));
        Assert.NotEqual("", approved["status.conditions.0.lastUpdateTime"]);
        Assert.NotEqual("", approved["status.conditions.0.lastTransitionTime"]);
    }

    [Theory]
    [InlineData("status", """{"status":{"conditions":[{"type":"Approved","status":"True"}]}}""", "status.conditions", "updates may not add a condition of type \"Approved\"")]
    [InlineData("status", """{"status":{"conditions":[]}}""", "status.conditions", "updates may not remove a condition of type \"Denied\"")]
    [InlineData("approval", """{"status":{"conditions":[]}}""", "status.conditions", "updates may not remove a condition of type \"Denied\"")]
    [InlineData("status", """{"status":{"certificate":"OTHER"}}""", "status.certificate", "updates may not modify existing certificate content")]
    public async Task What_was_decided_stays(string part, string patch, string field, string message)
    {
        if (!message.Contains("add", StringComparison.Ordinal)) { await server.PatchAsync($"{path}/approval", """{"status":{"conditions":[{"type":"Denied","status":"True"}]}}"""); }
        Assert.Equal(200, (await server.PatchAsync($"{path}/status", $$$"""{"status":{"certificate":"{{{Certificate("")}}}"}}""")).Code);
        var refused = await server.PatchAsync($"{path}/{part}", patch.Replace("OTHER", Certificate("\n"), StringComparison.Ordinal));
        Assert.Equal((422, field), (refused.Code, refused["details.causes.0.field"]));
        Assert.Contains(message, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_signer_adds_conditions_of_its_own_and_nobody_changes_the_request()
    {
        await server.PatchAsync($"{path}/approval", """{"status":{"conditions":[{"type":"Approved","status":"True","reason":"r"}]}}""");
        var signed = await server.PatchAsync($"{path}/status", """{"status":{"conditions":[{"type":"Approved","status":"True","reason":"forged"},{"type":"Odd","status":"True"}]}}""");
        Assert.Equal((200, "r", "Odd"), (signed.Code, signed["status.conditions.0.reason"], signed["status.conditions.1.type"]));
        Assert.Equal("example.com/robots", (await server.PatchAsync(path, """{"spec":{"signerName":"example.com/others"}}"""))["spec.signerName"]);
    }

    /// <summary>As a signer writes it; what stands before makes it another text.</summary>
    private string Certificate(string before) => Convert.ToBase64String(Encoding.UTF8.GetBytes(before + server.Api.Pki.AuthorityPem));
}
