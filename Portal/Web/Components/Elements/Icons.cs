namespace Flotilla.Portal.Web.Components.Elements;

/// <summary>The portal's icons as SVG paths in a box of 24 × 24.</summary>
internal static class Icons
{
    private static readonly Dictionary<string, string> Paths = new()
    {
        ["clusters"] = "M12 3l8 4.500v9L12 21l-8-4.500v-9zM12 12l8-4.500M12 12v9M12 12L4 7.500",
        ["projects"] = "M3 7a2 2 0 0 1 2-2h4l2 2.500h8a2 2 0 0 1 2 2V17a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2z",
        ["bell"] = "M6 16V11a6 6 0 0 1 12 0v5l1.500 2h-15zM10 21h4",
        ["audit"] = "M7 3h8l4 4v14H7a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2zM9 12h6M9 16h6M9 8h3",
        ["machine"] = "M4 5h16v6H4zM4 13h16v6H4zM8 8h.01M8 16h.01",
        ["users"] = "M9 5a3.500 3.500 0 1 0 0 7 3.500 3.500 0 0 0 0-7zM2.500 20c0-3.500 3-5.500 6.500-5.500s6.500 2 6.500 5.500M16 5.500a3.500 3.500 0 0 1 0 6.500M18.500 15c2 .7 3 2.500 3 5",
        ["key"] = "M8 11a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM11 12L20 4M17 6.500l2.500 2.500M14 9l2 2",
        ["sign-out"] = "M10 4H6a2 2 0 0 0-2 2v12a2 2 0 0 0 2 2h4M15 8l4 4-4 4M19 12H9",
        ["sun"] = "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.500 1.500M17.500 17.500L19 19M5 19l1.500-1.500M17.500 6.500L19 5",
        ["moon"] = "M20 14.500A8.500 8.500 0 1 1 9.500 4a7 7 0 0 0 10.500 10.500z",
        ["screen"] = "M3 5h18v11H3zM9 20h6M12 16v4",
        ["plus"] = "M12 5v14M5 12h14",
        ["check"] = "M5 12.500l4.500 4.500L19 7.500",
        ["cross"] = "M6 6l12 12M18 6L6 18",
        ["copy"] = "M9 9h10v11H9zM15 9V5H5v11h4",
        ["download"] = "M12 4v11M7.500 11l4.500 4.500 4.500-4.500M5 20h14",
        ["trash"] = "M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v5M14 11v5",
        ["warning"] = "M12 4l9 16H3zM12 10v4M12 17h.01",
        ["search"] = "M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM16 16l4 4",
        ["send"] = "M4 12l16-8-6 16-3-7z",
        ["undo"] = "M9 14L4 9l5-5M4 9h10a6 6 0 0 1 0 12h-3",
        ["clock"] = "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM12 8v4l3 2",
    };

    public static string Path(string name) => Paths[name];
}
