using System.Text;
using System.Text.Json.Nodes;
using Flotilla.Provisioner.Alerts.Channels;
using Flotilla.Provisioner.Fleet.Alerts;
using Flotilla.TestKit;

namespace Flotilla.Provisioner.Alerts.Tests.Channels;

public sealed class ChannelRequestTests
{
    private static readonly AlertMessage Message = new(
        new()
        {
            ClusterId = "k3f9x2ab",
            ProjectId = Guid.Empty,
            Rule = "deployed",
            Key = "deployed/1",
            Severity = AlertSeverity.Info,
            Title = "web deployed <all of it>",
            Text = "3/3 replicas are available.",
            ObjectKind = "Deployment",
            ObjectNamespace = "default",
            ObjectName = "web",
            OccurredAt = A.Noon,
        },
        "shop",
        "blue");

    /// <summary>The example of the Standard Webhooks specification.</summary>
    [Fact]
    public void The_signature_is_the_one_of_the_specification() => Assert.Equal(
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        WebhookSignature.Compute(
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, """{"test": 2432232314}"""u8));

    [Fact]
    public async Task A_webhook_is_signed_over_what_it_sends()
    {
        var secret = "whsec_" + Convert.ToBase64String(new byte[32]);
        using var request = ChannelRequest.Create(ChannelKind.Webhook, "http://127.0.0.1/hook", secret, Message, A.Noon);

        var body = await request.Content!.ReadAsByteArrayAsync();
        var id = request.Headers.GetValues("webhook-id").Single();
        Assert.Equal(A.Noon.ToUnixTimeSeconds().ToString(), request.Headers.GetValues("webhook-timestamp").Single());
        Assert.Equal(WebhookSignature.Compute(secret, id, A.Noon.ToUnixTimeSeconds(), body), request.Headers.GetValues("webhook-signature").Single());
        var json = JsonNode.Parse(body)!;
        Assert.Equal(("deployed", "blue", "web"), ((string?)json["type"], (string?)json["data"]!["cluster"], (string?)json["data"]!["object"]!["name"]));
    }

    [Theory]
    [InlineData(ChannelKind.Slack, "blocks")]
    [InlineData(ChannelKind.KakaoTalk, "blocks")]
    [InlineData(ChannelKind.Teams, "attachments")]
    public async Task Each_chat_gets_its_own_shape_with_title_text_and_place(ChannelKind kind, string list)
    {
        using var request = ChannelRequest.Create(kind, "http://127.0.0.1/hook", null, Message, A.Noon);

        var json = JsonNode.Parse(await request.Content!.ReadAsStringAsync())!;
        Assert.NotEmpty(json[list]!.AsArray());
        var text = json.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        Assert.Contains("web deployed", text);
        Assert.Contains("3/3 replicas", text);
        Assert.Contains("shop/blue", text);
        Assert.False(request.Headers.Contains("webhook-signature"));
    }

    [Fact]
    public async Task Slack_does_not_take_a_title_for_markup()
    {
        using var request = ChannelRequest.Create(ChannelKind.Slack, "http://127.0.0.1/hook", null, Message, A.Noon);

        var json = JsonNode.Parse(Encoding.UTF8.GetString(await request.Content!.ReadAsByteArrayAsync()))!;
        Assert.Contains("&lt;all of it&gt;", (string?)json["blocks"]![0]!["text"]!["text"]);
    }
}
