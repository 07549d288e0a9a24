using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Flotilla.Portal.Web.Tests.Localization;

public sealed partial class KoreanTests(FleetFixture fleet)
{
    private static string Root
    {
        get
        {
            var directory = new DirectoryInfo(AppContext.BaseDirectory);
            while (!File.Exists(Path.Combine(directory.FullName, "Platform.sln"))) { directory = directory.Parent!; }
            return Path.Combine(directory.FullName, "Portal", "Web");
        }
    }

    [Fact]
    public void Every_text_of_a_page_has_a_Korean_wording()
    {
        var known = XDocument.Load(Path.Combine(Root, "Localization", "Texts.ko.resx")).Descendants("data")
            .Select(data => data.Attribute("name")!.Value).ToHashSet();

        var used = Directory.EnumerateFiles(Root, "*", SearchOption.AllDirectories)
            .Where(file => file.EndsWith(".razor", StringComparison.Ordinal) || file.EndsWith(".cs", StringComparison.Ordinal))
            .SelectMany(file => Text().Matches(File.ReadAllText(file)))
            .Select(match => match.Groups["text"].Value)
            .ToHashSet();

        Assert.NotEmpty(used);
        Assert.Empty(used.Except(known));
    }

    [Fact]
    public void A_Korean_wording_takes_the_same_values()
    {
        var wordings = XDocument.Load(Path.Combine(Root, "Localization", "Texts.ko.resx")).Descendants("data")
            .Select(data => (English: data.Attribute("name")!.Value, Korean: data.Element("value")!.Value));

        Assert.All(wordings, wording => Assert.Equal(
            Placeholder().Matches(wording.English).Select(match => match.Value).Order(),
            Placeholder().Matches(wording.Korean).Select(match => match.Value).Order()));
    }

    [Fact]
    public async Task The_browsers_language_is_spoken()
    {
        using var http = new HttpClient { BaseAddress = fleet.Address };
        http.DefaultRequestHeaders.AcceptLanguage.ParseAdd("ko-KR,ko;q=0.9,en;q=0.5");

        var page = System.Net.WebUtility.HtmlDecode(await http.GetStringAsync("/login"));

        Assert.Contains("lang=\"ko\"", page);
        Assert.Contains("<h1>로그인</h1>", page);
    }

    [Fact]
    public async Task The_chosen_language_wins_over_the_browsers()
    {
        using var http = new HttpClient { BaseAddress = fleet.Address };
        http.DefaultRequestHeaders.AcceptLanguage.ParseAdd("ko");

        var page = await http.GetStringAsync("/language?culture=en&returnUrl=%2Flogin");

        Assert.Contains("<h1>Sign in</h1>", page);
    }

    [GeneratedRegex("""\b(L|Localizer)\[\s*"(?<text>(?:[^"\\]|\\.)*)"[\],]""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Text();

    [GeneratedRegex(@"\{\d\}", RegexOptions.None, 1000)]
    private static partial Regex Placeholder();
}
