using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Flotilla.Provisioner.Fleet.Alerts;

namespace Flotilla.Provisioner.Alerts.Channels;

/// <summary>The request that tells a channel of an alert.</summary>
public static class ChannelRequest
{
    /// <param name="secret">Of webhooks.</param>
    public static HttpRequestMessage Create(ChannelKind kind, string url, string? secret, AlertMessage message, DateTimeOffset now) => kind switch
    {
        ChannelKind.Slack => Post(url, SlackBody.Of(message)),
        ChannelKind.Teams => Post(url, TeamsBody.Of(message)),
        ChannelKind.KakaoTalk => Post(url, KakaoBody.Of(message)),
        _ => WebhookSignature.Sign(Post(url, WebhookBody.Of(message)), $"msg_{message.Alert.Id:N}", now, secret),
    };

    private static HttpRequestMessage Post(string url, JsonObject body) => new(HttpMethod.Post, url)
    {
        Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body.ToJsonString()))
        {
            Headers = { ContentType = new MediaTypeHeaderValue("application/json") },
        },
        Headers = { UserAgent = { new ProductInfoHeaderValue("Flotilla", null) } },
    };
}
