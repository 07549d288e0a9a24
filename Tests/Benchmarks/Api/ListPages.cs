using System.Text;

namespace Flotilla.Benchmarks.Api;

/// <summary>Walks a list page by page, and begins again at its end.</summary>
internal sealed class ListPages(string path)
{
    private string next = "";

    public async Task NextAsync(Http2Connection client, CancellationToken cancellationToken)
    {
        var head = "";
        await client.GetAsync(next.Length == 0 ? path : $"{path}&continue={next}", cancellationToken, data =>
        {
            if (head.Length == 0) { head = Encoding.UTF8.GetString(data.Span[..Math.Min(data.Length, 512)]); }
        });
        next = ContinueOf(head);
    }

    /// <summary>A list's metadata comes before its items.</summary>
    private static string ContinueOf(string head)
    {
        const string Member = "\"continue\":\"";
        var at = head.IndexOf(Member, StringComparison.Ordinal);
        if (at < 0) { return ""; }
        var token = head[(at + Member.Length)..];
        return token[..token.IndexOf('"', StringComparison.Ordinal)];
    }
}
