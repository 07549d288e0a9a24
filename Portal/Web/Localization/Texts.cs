namespace Flotilla.Portal.Web.Localization;

/// <summary>
/// Names the text resources. The key of a text is its English wording, so English needs no file; <c>Texts.ko.resx</c> has the Korean.
/// </summary>
public sealed class Texts;
