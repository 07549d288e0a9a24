using System.Net;
using System.Text.RegularExpressions;

namespace Flotilla.Portal.Web.Tests.Hosting;

/// <summary>As much of a browser as forms need: cookies, hidden fields, no redirects.</summary>
internal sealed partial class Browser(Uri address) : IDisposable
{
    private readonly HttpClient http = new(new HttpClientHandler { AllowAutoRedirect = false, CookieContainer = new() }) { BaseAddress = address };

    public Task<HttpResponseMessage> GetAsync(string path) => http.GetAsync(path);

    public Task<string> ReadAsync(string path) => http.GetStringAsync(path);

    /// <summary>Opens the page and sends its form with the fields given, hidden ones as they are.</summary>
    public async Task<(HttpStatusCode Status, string? Location, string Page)> SubmitAsync(
        string path, params (string Name, string Value)[] fields)
    {
        var page = await ReadAsync(path);
        var form = Hidden().Matches(page).ToDictionary(match => match.Groups["name"].Value, match => match.Groups["value"].Value);
        foreach (var (name, value) in fields) { form[name] = value; }
        using var content = new FormUrlEncodedContent(form);
        using var response = await http.PostAsync(path, content);
        return (response.StatusCode, response.Headers.Location?.ToString(), await response.Content.ReadAsStringAsync());
    }

    public void Dispose() => http.Dispose();

    [GeneratedRegex("<input type=\"hidden\" name=\"(?<name>[^\"]+)\" value=\"(?<value>[^\"]*)\"", RegexOptions.None, 1000)]
    private static partial Regex Hidden();
}
